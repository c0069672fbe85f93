/** What a harness found: named checks with their figures, and the closing lines that every harness prints alike. */
import { randomBytes } from "node:crypto";
import { amountOf } from "./program.js";

/** One thing that a run had to show. */
export interface Check {
  /** What must hold, as a short sentence without a full stop: "no acknowledged change is lost". */
  readonly name: string;
  readonly holds: boolean;
  /** What was measured, with its unit: "0 of 4,321". */
  readonly figure: string;
}

/** What a run came to, as `--json` prints it. */
export interface RunResult {
  readonly harness: string;
  readonly seed: number;
  readonly seconds: number;
  /** What was done, in figures: faults, requests sent, acknowledged, refused, of unknown outcome. */
  readonly done: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
  readonly passed: boolean;
}

/** The seed of an option, or a random one of 32 bits. Throws UsageError. */
export function seedOf(option: string | undefined): number {
  return option === undefined ? randomBytes(4).readUInt32BE() : amountOf(option);
}

/** A number as the closing lines print it. */
export function grouped(number: number): string {
  return number.toLocaleString("en");
}

/**
 * Collects the checks of one run of a harness and prints its end: one line a check, a verdict on one line with what was
 * done, and the counts. A run without a check, and one that did nothing, have not passed.
 */
export class Verdict {
  private readonly checks: Check[] = [];
  private readonly startedAt = performance.now();

  constructor(
    private readonly harness: string,
    private readonly seed: number,
  ) {}

  /** Records one check. */
  check(name: string, holds: boolean, figure: string): void {
    this.checks.push({ name, holds, figure });
  }

  /** Records that none of `of` went wrong, and which did. */
  none(name: string, wrong: readonly string[], of: number): void {
    const some = wrong.slice(0, shownAtMost).map((one) => `\n         ${one}`);
    this.check(name, wrong.length === 0, `${grouped(wrong.length)} of ${grouped(of)}${some.join("")}`);
  }

  /** The end of the run. `done` are figures by their names, in the order in which they are printed; none may be zero that `needed` names. */
  result(done: Readonly<Record<string, number>>, needed: readonly string[] = Object.keys(done)): RunResult {
    const { harness, seed } = this;
    const idle = needed.filter((name) => !(Number(done[name]) > 0));
    const checks = [
      ...this.checks,
      ...idle.map((name) => ({ name: `the run has ${name}`, holds: false, figure: "0" })),
    ];
    const passed = checks.length > 0 && checks.every(({ holds }) => holds);
    return { harness, seed, seconds: (performance.now() - this.startedAt) / 1000, done, checks, passed };
  }
}

const shownAtMost = 20;

/** The result as the lines that end a run. */
export function linesOf({ harness, seed, seconds, done, checks, passed }: RunResult): string {
  const failed = checks.filter(({ holds }) => !holds).length;
  const figures = Object.entries(done).map(([name, number]) => `${grouped(number)} ${name}`);
  return [
    ...checks.map(({ name, holds, figure }) => `${holds ? "ok     " : "FAILED "} ${name}: ${figure}`),
    `${harness} ${passed ? "passed" : "FAILED"} in ${seconds.toFixed(0)} s, seed ${seed}: ${figures.join(", ")}`,
    `${checks.length - failed} passed, ${failed} failed`,
    "",
  ].join("\n");
}

/** Prints the end of a run, for people or as JSON, and gives the exit code of the program. */
export function conclude(result: RunResult, asJson: boolean): number {
  process.stdout.write(asJson ? `${JSON.stringify(result, null, 2)}\n` : linesOf(result));
  return result.passed ? 0 : 1;
}
