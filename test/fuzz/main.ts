/** `npm run fuzz`: damages real inputs, guided by the code they reach, and watches what the server makes of them. */

import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { amountOf, type HarnessValues, runHarness, UsageError } from "#test/harness/program.js";
import { conclude, grouped, seedOf, Verdict } from "#test/harness/verdict.js";
import { keepInputs, keptInputs } from "./corpus.js";
import { type Budget, describe, type TargetResult } from "./finding.js";
import { instrumentModules } from "./guidance/instrumented.js";
import { LastInput, lastInputFile, takeLastInput } from "./last-input.js";
import { FuzzLoop } from "./loop.js";
import { SeededRandom } from "./random.js";
import type { Target } from "./target.js";
import { targets } from "./targets/index.js";
import { Watchdog } from "./watchdog.js";

const usage = `Damages real inputs, guided by the code they reach, and watches what the server makes of them.

  npm run fuzz -- [options]

  --target NAME    one target, or several with commas between them (default: all)
  --seconds N      how long for each (default 15)
  --executions N   how many inputs for each, instead of a time
  --long           100,000,000 for the TTLV decoder, 1,000,000 over TLS, 5,000,000 for each other
  --input X        runs one input, a file or hexadecimal digits, and tells what came of it; needs one target
  --keep           keeps the fewest inputs that reach all that was reached in test/fuzz/corpus
  --list           the targets
  --seed N         repeats a run (default: random)
  --json           the result as JSON
  --together       all targets in one process, which starts sooner: an input that ends it is not told
`;

/** An execution that does not end is stopped after so long. */
const endlessMilliseconds = 60_000;

/** By how much the heap may grow in a run, in MiB. */
const mostGrowth = 64;

const longRuns: Readonly<Record<string, number>> = { ttlv: 100_000_000, server: 1_000_000 };
const longRun = 5_000_000;

/** The target that is a running server, reached over TLS. */
const overTls = "server";
const allTargets: readonly string[] = [...Object.keys(targets), overTls];

/** An answer over TLS that takes longer, in milliseconds, is a finding; keys of some kinds take a token so long. */
const answerWithin = 15_000;

const options = {
  target: { type: "string" },
  seconds: { type: "string" },
  executions: { type: "string" },
  long: { type: "boolean", default: false },
  input: { type: "string" },
  keep: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  together: { type: "boolean", default: false },
  // Not for people: one target, whose result goes to the process that started this one.
  apart: { type: "boolean", default: false },
} as const;

type Options = HarnessValues<typeof options>;

function chosen({ target }: Options): readonly string[] {
  const names = target === undefined ? allTargets : target.split(",");
  const unknown = names.find((name) => !allTargets.includes(name));
  if (unknown !== undefined) throw new UsageError(`there is no target ${unknown}; --list tells which there are`);
  return names;
}

async function open(name: string): Promise<Target> {
  instrumentModules();
  const opening = targets[name];
  if (opening === undefined) throw new RangeError(`there is no target ${name}`);
  return opening();
}

function budgetOf(name: string, { executions, seconds, long }: Options): Budget {
  const untimed = Number.POSITIVE_INFINITY;
  if (executions !== undefined) return { executions: amountOf(executions), seconds: untimed };
  if (long) return { executions: longRuns[name] ?? longRun, seconds: untimed };
  return { executions: untimed, seconds: amountOf(seconds ?? 15) };
}

function inputOf(given: string): Buffer {
  if (existsSync(given)) return readFileSync(given);
  const digits = given.replace(/\s/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new UsageError("--input is neither a file nor hexadecimal digits");
  return Buffer.from(digits, "hex");
}

/** Runs one input; gives the exit code. */
async function replay(name: string, given: string): Promise<number> {
  const target = await open(name);
  const start = performance.now();
  try {
    const outcome = await target.execute(inputOf(given));
    process.stdout.write(`${name}: ${outcome}, in ${(performance.now() - start).toFixed(1)} ms\n`);
    return 0;
  } catch (error) {
    process.stdout.write(`${name}: FINDING: ${describe(error)}\n`);
    return 1;
  } finally {
    await target.close?.();
  }
}

/** A running server, which is another process: nothing guides the damage there but what guided it in this one. */
async function fuzzRunning(seed: number, given: Options): Promise<TargetResult> {
  const { fuzzServer } = await import("./targets/server.js");
  const { requests } = await import("./seeds.js");
  const { startTestServer } = await import("#test/support/server.js");
  const server = await startTestServer();
  const progress = (words: string): void => void process.stderr.write(`${words}\n`);
  try {
    return await fuzzServer({
      server,
      seeds: [...requests(), ...keptInputs("path"), ...keptInputs("message")],
      random: new SeededRandom(seed),
      budget: budgetOf(overTls, given),
      answerWithin,
      connections: 16,
      progress,
    });
  } finally {
    await server.stop();
  }
}

/** Fuzzes one target in this process. */
async function fuzz(name: string, seed: number, given: Options): Promise<TargetResult> {
  if (name === overTls) return fuzzRunning(seed, given);
  const target = await open(name);
  const file = join(tmpdir(), `keyreeve-fuzz-${name}-${seed}-endless.bin`);
  const watchdog = new Watchdog({ milliseconds: endlessMilliseconds, target: name, file });
  const lastInput = target.native === true ? new LastInput(lastInputFile(name, seed)) : undefined;
  const progress = (words: string): void => void process.stderr.write(`${words}\n`);
  try {
    const random = new SeededRandom(seed);
    const budget = budgetOf(name, given);
    const kept = keptInputs(name);
    const loop = new FuzzLoop({ target, random, budget, watchdog, kept, progress, ...(lastInput && { lastInput }) });
    const result = await loop.run();
    if (given.keep) {
      const inputs = keepInputs(name, await loop.minimise());
      progress(`${name}: ${inputs} inputs kept`);
    }
    return result;
  } finally {
    lastInput?.close();
    await watchdog.stop();
    await target.close?.();
  }
}

/** Fuzzes one target in a process of its own, whose end by a signal is a finding of the input it was at. */
async function fuzzApart(name: string, seed: number): Promise<TargetResult> {
  const args = [...process.argv.slice(2), "--target", name, "--seed", String(seed), "--apart"];
  const child = fork(fileURLToPath(import.meta.url), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const startedAt = performance.now();
  let result: TargetResult | undefined;
  child.on("message", (told: TargetResult) => {
    result = told;
  });
  const [[code, signal]] = await Promise.all([once(child, "exit"), once(child, "disconnect")]);
  const input = takeLastInput(lastInputFile(name, seed));
  if (result !== undefined) return result;
  const what = `the process ended: ${signal ?? `exit code ${code}`}`;
  const seconds = (performance.now() - startedAt) / 1000;
  const findings = [{ what, input: input.toString("hex") }];
  const slowest = { milliseconds: 0, input: "" };
  return { name, executions: 0, seconds, outcomes: {}, places: 0, corpus: 0, slowest, growth: 0, findings };
}

function linesOf({ name, executions, seconds, outcomes, places, corpus, slowest }: TargetResult): string {
  const rate = Math.round(executions / Math.max(seconds, 0.001));
  const head = `${name}: ${grouped(executions)} executions in ${seconds.toFixed(1)} s (${grouped(rate)} a second)`;
  const reached = `  ${grouped(places)} places reached, ${grouped(corpus)} inputs reached something new`;
  const slow = `  the slowest took ${slowest.milliseconds.toFixed(0)} ms, on ${slowest.input.length / 2} bytes`;
  const taken = Object.entries(outcomes)
    .slice(0, 12)
    .map(([what, times]) => `  ${String(times).padStart(11)}  ${what}`);
  return [head, reached, slow, ...taken, ""].join("\n");
}

function judge(verdict: Verdict, { name, executions, growth, findings, places }: TargetResult): void {
  const found = findings.map(
    ({ what, input }) => `${what}\n           --target ${name} --input ${input.slice(0, 8000)}`,
  );
  verdict.none(`${name}: no input does what none may`, found, executions);
  verdict.check(`${name}: the heap does not grow`, growth <= mostGrowth, `${growth} MiB, at most ${mostGrowth}`);
  if (name !== overTls) verdict.check(`${name}: coverage guided the run`, places > 0, `${places} places reached`);
}

async function main(values: Options): Promise<number> {
  if (values.list) for (const name of allTargets) process.stdout.write(`${name}: ${(await open(name)).about}\n`);
  else if (values.apart) await tell(await fuzz(chosen(values)[0] ?? "", seedOf(values.seed), values));
  else if (values.input !== undefined) return replay(chosen(values)[0] ?? "", values.input);
  else return run(values);
  return 0;
}

/** Gives the result to the process that started this one; what is not on its way when the channel closes is lost. */
function tell(result: TargetResult): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(result, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

async function run(given: Options): Promise<number> {
  const seed = seedOf(given.seed);
  const verdict = new Verdict("fuzz", seed);
  let executions = 0;
  let places = 0;
  for (const name of chosen(given)) {
    const result = given.together ? await fuzz(name, seed, given) : await fuzzApart(name, seed);
    process.stderr.write(linesOf(result));
    judge(verdict, result);
    executions += result.executions;
    places += result.places;
  }
  return conclude(verdict.result({ executions, "places reached": places }, ["executions"]), given.json);
}

await runHarness(usage, options, main);
if (process.connected) process.disconnect();
