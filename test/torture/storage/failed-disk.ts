/** A disk that the system puts to read-only after an error: nothing is lost, and after its repair all goes on. */
import { setTimeout as pause } from "node:timers/promises";
import { Arena } from "./arena.js";
import { longestOf } from "./judge-answers.js";
import { addCounts, type Part, type PartOrder } from "./part.js";
import { noSmallDisk } from "./small-disk.js";

/** How long the disk takes no writes, in milliseconds. */
const lasts = 7000;
/** How long after it has failed answers are in doubt, in milliseconds. */
const inDoubt = 200;
const refusedWithin = 5500;
const requestsBefore = 60;

/** What one failure of the disk came to. */
interface Failure {
  readonly keys: number;
  readonly asked: number;
  readonly refused: number;
  /** Longest answer, in milliseconds. */
  readonly longest: number;
  readonly wrong: readonly string[];
}

/**
 * Has the disk fail under load, repairs it, and starts the server again, which cannot go on with it. What was answered in
 * the moment of the failure is in doubt: the kernel itself tells then of a flush that it was done and drops what it was to
 * write, which a program that only writes and flushes sees as well.
 */
async function failOnce(arena: Arena, order: PartOrder): Promise<Failure> {
  await arena.untilAcknowledged(requestsBefore);
  const probe = arena.probe("get");
  const disk = arena.disk("database");
  probe.start();
  const before = arena.load.mark();
  const begun = performance.now();
  await disk.fail();
  await pause(inDoubt);
  const after = arena.load.mark();
  await pause(lasts);
  const asked = probe.take().filter(({ startedAt }) => startedAt > begun);
  const { events, metrics } = await arena.figures();
  const ready = await arena.asOperator(async (caller) => (await caller.ask("/health/ready")).status);
  await arena.load.pause();
  await arena.restart(() => disk.repair());
  const { findings, keys, doneAfterAll, notDone } = await arena.checkBetween(before, after);
  order.tell(`${keys} keys as acknowledged before; of what was in doubt ${doneAfterAll} were done, ${notDone} not`);
  addCounts(order.totals, arena.load.counts);
  const wrong = [
    ...(asked.at(-1)?.outcome === "refused" ? [] : ["requests were not refused in the end"]),
    ...(events.get("database-unavailable") === 1 ? [] : ["the event database-unavailable was not raised once"]),
    ...(metrics.get("keyreeve_storage_available") === 0 ? [] : ["the metric does not say that nothing is stored"]),
    ...(ready === 503 ? [] : [`/health/ready answers ${ready}`]),
    ...findings.map(({ invariant, what }) => `${invariant} ${what}`),
  ];
  const refused = asked.filter(({ outcome }) => outcome === "refused").length;
  return { keys, asked: asked.length, refused, longest: longestOf(asked), wrong };
}

async function run(order: PartOrder): Promise<void> {
  const { seed, clients, rounds, judgesTime, isOver, verdict, totals, tell } = order;
  const name = "file system of the database put to read-only by an error";
  if (!name.includes(order.fault)) return;
  const settings = { disk: ["reserveMebibytes: 0"] };
  const failures: Failure[] = [];
  while (failures.length < rounds && !isOver()) {
    const arena = await Arena.make({ seed: seed + failures.length, clients, disks: { database: 96 }, settings });
    try {
      failures.push(await failOnce(arena, order));
    } finally {
      await arena.close();
    }
    totals.faults += 1;
  }
  const sum = (field: "asked" | "refused" | "keys"): number => failures.reduce((total, one) => total + one[field], 0);
  const longest = Math.max(0, ...failures.map((one) => one.longest));
  tell(`${name}: ${sum("refused")} of ${sum("asked")} refused, longest ${longest.toFixed(0)} ms`);
  if (judgesTime) verdict.check("a failed disk is felt soon", longest <= refusedWithin, `${longest.toFixed(0)} ms`);
  const faulty = failures.flatMap((one) => one.wrong);
  const figure = `${failures.length} times, ${sum("refused")} of ${sum("asked")} requests refused, ${sum("keys")} keys as they were`;
  verdict.check(name, faulty.length === 0 && sum("refused") > 0, [figure, ...faulty].join("\n         "));
}

/** A disk that fails once for all. */
export const failedDisk: Part = {
  about: "file system of the database put to read-only by an error, repaired, server started again",
  longRounds: 20,
  obstacle: noSmallDisk,
  run,
};
