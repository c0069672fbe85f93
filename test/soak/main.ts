/** `npm run soak`: clients work for a long time, and the server holds no more at the end than before. */
import { amountOf, type HarnessValues, runHarness } from "#test/harness/program.js";
import { conclude, seedOf, Verdict } from "#test/harness/verdict.js";
import { type Order, type Outcome, soak } from "./run.js";
import { growthOf, memorySlope, usualLoopDelay } from "./sample.js";
import { flatness, slopeText } from "./slope.js";

const usage = `Reads, encrypts, signs, makes, changes and destroys keys over many connections, checks every answer, and watches memory,
open files, sessions of the token and objects in them, and the delay of the event loop. HSM workers are replaced on the way,
as they are after many operations, and connections are made anew. Runs of twenty minutes and more judge whether memory is
flat, and fill the caches of the server first.

  npm run soak -- [options]

  --minutes N      how long (default 60)
  --requests N     ends after so many requests, however long they took (default: no bound)
  --connections N  how many connections (default 16)
  --load X         the part of what the server can do that is asked of it, from 0 to 1; what it can do is measured in the
                   first twentieth of the run (default 0.5)
  --leak N         has the server leak so many MiB an hour, to see that a run fails that judges that (default 0)
  --seed N         repeats what is asked (default: random)
  --json           print the result as JSON
`;

/** Runs that are shorter judge neither memory nor the event loop. */
const minutesToJudge = 10;

/** Runs that are shorter do not judge the slope of memory, nor fill caches first: what is allowed could not be told. */
const minutesForSlope = 20;

/** MiB an hour. */
const slopeAllowed = 2;

/** Milliseconds. */
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
  if (minutes >= minutesForSlope) judgeMemory(verdict, samples);
  else process.stderr.write(`whether memory is flat is not judged, which takes ${minutesForSlope} minutes\n`);
  if (!isShort) {
    const delay = usualLoopDelay(samples);
    verdict.check("the event loop is on time", delay <= loopDelayAllowed, `p99 ${delay.toFixed(0)} ms behind`);
  }
}

function judgeMemory(verdict: Verdict, samples: Outcome["samples"]): void {
  const slope = memorySlope(samples);
  const outcome = flatness(slope, slopeAllowed);
  const figure =
    `${slopeText(slope)} MiB an hour, of JavaScript ${slopeText(memorySlope(samples, "heapBytes"))} ` +
    `(${slopeAllowed} are allowed)`;
  const unclear = outcome === "unclear" ? "cannot be judged, which takes a longer or a quieter run: " : "";
  verdict.check("the server's memory is flat", outcome === "flat", `${unclear}${figure}`);
}

const options = {
  requests: { type: "string" },
  minutes: { type: "string", default: "60" },
  connections: { type: "string", default: "16" },
  load: { type: "string", default: "0.5" },
  leak: { type: "string", default: "0" },
} as const;

async function main(values: HarnessValues<typeof options>): Promise<number> {
  const minutes = amountOf(values.minutes);
  const order = {
    requests: amountOf(values.requests ?? Number.POSITIVE_INFINITY),
    minutes,
    connections: amountOf(values.connections),
    load: amountOf(values.load),
    judgesMemory: minutes >= minutesForSlope,
    leak: amountOf(values.leak),
    seed: seedOf(values.seed),
  };
  const verdict = new Verdict("soak", order.seed);
  const outcome = await soak(order);
  judge(verdict, outcome, order);
  const { requests, workers } = outcome;
  return conclude(verdict.result({ requests, workers }), values.json);
}

await runHarness(usage, options, main);
