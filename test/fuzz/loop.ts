import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Corpus, minimised } from "./corpus.js";
import { type Budget, describe, type Finding, mostFindings, signatureOf, type TargetResult } from "./finding.js";
import { Feedback } from "./guidance/feedback.js";
import type { LastInput } from "./last-input.js";
import type { SeededRandom } from "./random.js";
import type { Target } from "./target.js";
import type { Watchdog } from "./watchdog.js";

/**
 * An execution that took longer is measured again in processor time, since others use this machine too; the shortest
 * counts.
 */
const suspectMilliseconds = 20;
const measuredAgain = 3;

/** How many executions pass between two looks at clock and memory. */
const lookEvery = 1024;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes in use, after garbage was collected; what buffers held is given back a turn later. */
async function heapBytes(): Promise<number> {
  for (let times = 2; times > 0; times -= 1) {
    collectGarbage();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What runs of one target share. */
export interface LoopSetting {
  readonly target: Target;
  readonly random: SeededRandom;
  readonly budget: Budget;
  readonly watchdog?: Watchdog;
  /** Where each input is noted before it is run, for a process that may not survive it. */
  readonly lastInput?: LastInput;
  /** Inputs beside the target's own seeds. */
  readonly kept: readonly Buffer[];
  readonly progress?: (words: string) => void;
}

/** Damages inputs again and again, and keeps those that reach what none before has reached. */
export class FuzzLoop {
  readonly corpus = new Corpus();
  private readonly feedback = new Feedback();
  private readonly outcomes = new Map<string, number>();
  private readonly findings = new Map<string, Finding>();
  private slowest = { milliseconds: 0, input: "" };
  private executions = 0;
  private startedAt = 0;
  private warm: { readonly bytes: number; readonly corpus: number } | undefined;

  constructor(private readonly setting: LoopSetting) {}

  async run(): Promise<TargetResult> {
    const { target, random, budget, kept } = this.setting;
    this.startedAt = performance.now();
    // What making the seeds has reached is no news of theirs.
    this.feedback.clear();
    for (const seed of [...target.seeds, ...kept]) await this.step(seed);
    if (this.corpus.size === 0) this.corpus.add(Buffer.alloc(8));
    const other = (): Buffer => this.corpus.pick(random);
    for (;;) {
      const over = this.isOver(budget);
      if (over === true || (over !== false && (await over))) break;
      const input = target.mutate(this.corpus.pick(random), random, other);
      const pending = this.step(input);
      if (pending !== undefined) await pending;
    }
    return this.result();
  }

  /** The inputs that suffice to reach all that was reached. */
  async minimise(): Promise<readonly Buffer[]> {
    const traces = new Map<Buffer, readonly number[]>();
    for (const input of this.corpus.all) {
      this.feedback.clear();
      await this.execute(input);
      traces.set(input, this.feedback.trace());
    }
    return minimised(this.corpus.all, traces);
  }

  private isOver({ seconds, executions }: Budget): boolean | Promise<boolean> {
    if (this.executions >= executions || this.findings.size >= mostFindings) return true;
    return this.executions % lookEvery === 0 && this.look(seconds, executions);
  }

  private async look(seconds: number, executions: number): Promise<boolean> {
    await this.warmUp(seconds, executions);
    if (this.executions % (64 * lookEvery) === 0) this.tellProgress();
    return this.seconds >= seconds;
  }

  private async warmUp(seconds: number, executions: number): Promise<void> {
    if (this.warm !== undefined) return;
    if (this.executions < executions / 10 && this.seconds < seconds / 10) return;
    this.warm = { bytes: await heapBytes(), corpus: this.corpus.bytes };
  }

  private tellProgress(): void {
    const rate = Math.round(this.executions / this.seconds);
    const places = this.feedback.reached;
    this.setting.progress?.(
      `${this.setting.target.name}: ${this.executions} executions (${rate} a second), ${places} places, ` +
        `${this.corpus.size} inputs, ${this.findings.size} findings`,
    );
  }

  private get seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** Executes an input, and keeps it where it reached something new. Gives a promise only where the target does. */
  private step(input: Buffer): Promise<void> | undefined {
    const start = performance.now();
    const outcome = this.execute(input);
    if (typeof outcome === "string") return this.taken(input, outcome, performance.now() - start);
    return outcome.then((told) => this.taken(input, told, performance.now() - start));
  }

  private taken(input: Buffer, outcome: string, took: number): Promise<void> | undefined {
    this.executions += 1;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (this.feedback.isNews()) this.corpus.add(input);
    return took > suspectMilliseconds ? this.measureAgain(input, took) : undefined;
  }

  /** Gives the outcome; a throw becomes a finding. Synchronous targets stay so: a tick each would double the time. */
  private execute(input: Buffer): string | Promise<string> {
    this.setting.watchdog?.begins(input);
    this.setting.lastInput?.note(input);
    try {
      const outcome = this.setting.target.execute(input);
      if (typeof outcome === "string") return outcome;
      return outcome.catch((error: unknown) => this.found(describe(error), input));
    } catch (error) {
      return this.found(describe(error), input);
    }
  }

  private found(what: string, input: Buffer): string {
    const signature = signatureOf(what);
    if (!this.findings.has(signature)) {
      this.findings.set(signature, { what, input: input.toString("hex") });
      this.setting.progress?.(
        `FINDING: ${what}\n  --target ${this.setting.target.name} --input ${input.toString("hex")}`,
      );
    }
    return "a finding";
  }

  private async measureAgain(input: Buffer, took: number): Promise<void> {
    let milliseconds = took;
    for (let times = measuredAgain; times > 0; times -= 1) {
      const start = process.cpuUsage();
      await this.execute(input);
      const { user, system } = process.cpuUsage(start);
      milliseconds = Math.min(milliseconds, (user + system) / 1000);
    }
    this.feedback.clear();
    if (milliseconds > this.slowest.milliseconds) this.slowest = { milliseconds, input: input.toString("hex") };
    if (milliseconds > this.setting.target.longest) this.found(`it took ${Math.round(milliseconds)} ms`, input);
  }

  private async result(): Promise<TargetResult> {
    const { executions, seconds, slowest, warm } = this;
    const grown = warm === undefined ? 0 : (await heapBytes()) - warm.bytes - (this.corpus.bytes - warm.corpus);
    return {
      name: this.setting.target.name,
      executions,
      seconds,
      outcomes: Object.fromEntries([...this.outcomes].sort(([, one], [, other]) => other - one)),
      places: this.feedback.reached,
      corpus: this.corpus.size,
      slowest,
      growth: Math.round(grown / 1024 / 1024),
      findings: [...this.findings.values()],
    };
  }
}
