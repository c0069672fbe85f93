/** `npm run soak`: clients work for a long time, and the server holds no more at the end than before. */
import { amountOf, type HarnessValues, runHarness } from "#test/harness/program.js";
import { conclude, seedOf, Verdict } from "#test/harness/verdict.js";
import { type Order, type Outcome, soak } from "./run.js";
import { growthOf, memorySlope, usualLoopDelay } from "./sample.js";

const usage = `Reads, encrypts, signs, makes, changes and destroys keys over many connections, checks every answer, and watches memory,
open files, sessions of the token and objects in them, and the delay of the event loop. HSM workers are replaced on the way,
as they are after many operations, and connections are made anew.

  npm run soak -- [options]

  --minutes N      how long (default 60)
  --requests N     ends after so many requests, however long they took (default: no bound)
  --connections N  how many connections (default 16)
  --load X         the part of what the server can do that is asked of it, from 0 to 1; what it can do is measured in the
                   first twentieth of the run (default 0.5)
  --seed N         repeats what is asked (default: random)
  --json           print the result as JSON
`;

/** Runs that are shorter have not warmed up, and judge neither the slope of memory nor the event loop. */
const minutesToJudge = 10;
const minutesForSlope = 45;
const slopeAllowed = 2;
const loopDelayAllowed = 50;

/** The checks of a run: those that need a long one are made of a long one. */
function judge(verdict: Verdict, { samples, requests, failures, leftObjects }: Outcome, { minutes }: Order): void {
  verdict.none("every answer is right", failures, requests);
  const isShort = minutes < minutesToJudge;
  for (const { name, before, after, allowed } of growthOf(samples)) {
    if (isShort && name.includes("memory")) continue;
    const figure = `${before.toFixed(0)}, at the end ${after.toFixed(0)} (${allowed} more are allowed)`;
    verdict.check(`${name} stay as they were`, after - before <= allowed, figure);
  }
  verdict.check("no handle is left of a key that is destroyed", leftObjects === 0, `${leftObjects} session objects`);
  if (minutes >= minutesForSlope) {
    const slope = memorySlope(samples);
    verdict.check("the server's memory is flat", slope <= slopeAllowed, `${slope.toFixed(1)} MiB an hour`);
  }
  if (!isShort) {
    const delay = usualLoopDelay(samples);
    verdict.check("the event loop is on time", delay <= loopDelayAllowed, `p99 ${delay.toFixed(0)} ms behind`);
  }
}

const options = {
  requests: { type: "string" },
  minutes: { type: "string", default: "60" },
  connections: { type: "string", default: "16" },
  load: { type: "string", default: "0.5" },
} as const;

async function main(values: HarnessValues<typeof options>): Promise<number> {
  const order = {
    requests: amountOf(values.requests ?? Number.POSITIVE_INFINITY),
    minutes: amountOf(values.minutes),
    connections: amountOf(values.connections),
    load: amountOf(values.load),
    seed: seedOf(values.seed),
  };
  const verdict = new Verdict("soak", order.seed);
  const outcome = await soak(order);
  judge(verdict, outcome, order);
  const { requests, workers } = outcome;
  return conclude(verdict.result({ requests, workers }), values.json);
}

await runHarness(usage, options, main);
