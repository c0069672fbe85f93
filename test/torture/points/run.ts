/** A run: points and system calls are met one after the other, and the server is held against the journals. */
import { setTimeout as pause } from "node:timers/promises";
import { SeededRandom } from "#test/fuzz/random.js";
import { endOf, operatorOf } from "#test/support/operator.js";
import type { CheckExtent } from "#test/torture/load/checker.js";
import { LongWork } from "./long-work.js";
import { meet, meetAtStart, meetCommit } from "./meet.js";
import { commitPoints, points, startPoints } from "./points.js";
import type { DatabaseKind } from "./postgres.js";
import { Stage } from "./stage.js";
import { allShots, type Hit, type Shot, shoot, sitesOf, untilSettled, wordsFor } from "./system-calls.js";

/** What is to be met. */
export interface Order {
  readonly seed: number;
  readonly database: DatabaseKind;
  /** How often each point. */
  readonly points: number;
  /** How many system calls, drawn so that each kind has its share; `all` for every one. */
  readonly shots: number | "all";
  /** Only points whose name has this in it; all where absent. */
  readonly only?: string | undefined;
  readonly progress: (line: string) => void;
  /** Told how to end all that was begun, where the run itself cannot. */
  readonly begun?: (end: () => Promise<void>) => void;
}

/** What was met and what came of it. */
export interface Outcome {
  readonly pointsMet: number;
  readonly pointsMissed: readonly string[];
  readonly shotsMet: number;
  readonly shots: number;
  readonly serverEnds: number;
  readonly refusals: ReadonlyMap<string, number>;
  readonly unclear: readonly string[];
  readonly wrong: readonly string[];
  readonly repaired: number;
  readonly counts: Stage["counts"];
  readonly worstRecovery: number;
  readonly isEndedCleanly: boolean;
}

/** Shots between two checks of a server that goes on. */
const shotsPerCheck = 25;
/** Within what the server must serve after a point, in milliseconds. */
const servesWithin = 60_000;
/** Longer than what a crash left must be old to be removed (`tasks.abandonedSeconds` of the stage). */
const untilAbandoned = 6_000;
const touched: CheckExtent = { older: 0, audit: false, scan: "no" };

/** Collects what comes of each step. */
class Tally {
  readonly pointsMissed: string[] = [];
  readonly wrong: string[] = [];
  readonly unclear: string[] = [];
  readonly refusals = new Map<string, number>();
  pointsMet = 0;
  shotsMet = 0;
  serverEnds = 0;

  takeHit(shot: Shot, hit: Hit): void {
    const words = wordsFor(shot);
    if (hit.isMet) this.shotsMet += 1;
    if (hit.isServerEnded) this.serverEnds += 1;
    this.wrong.push(...hit.wrong.map((what) => `${words}: ${what}`));
    if (hit.reason === null || !hit.isRefused) return;
    this.refusals.set(hit.reason, (this.refusals.get(hit.reason) ?? 0) + 1);
    // A reason is a Result Reason with words that say more than that something went wrong.
    if (!/^\w+: \w+ \w+ \w+/.test(hit.reason)) this.unclear.push(`${words}: ${hit.reason}`);
  }
}

/** Makes a run. */
export async function run(order: Order): Promise<Outcome> {
  const stage = await Stage.begin(order.seed, order.database);
  order.begun?.(() => stage.end());
  try {
    const tally = new Tally();
    await meetPoints(stage, order, tally);
    const shots = await shootAll(stage, order, tally);
    const { repaired, isEndedCleanly } = await closing(stage, tally);
    const { pointsMet, pointsMissed, shotsMet, serverEnds, refusals, unclear, wrong } = tally;
    return {
      ...{ pointsMet, pointsMissed, shotsMet, shots, serverEnds, refusals, unclear, wrong, repaired, isEndedCleanly },
      counts: stage.counts,
      worstRecovery: Math.max(...stage.recoveries),
    };
  } finally {
    await stage.end();
  }
}

/** What runs on several databases came to. */
export function together(outcomes: readonly Outcome[]): Outcome {
  const sum = (figure: (outcome: Outcome) => number): number => outcomes.reduce((so, one) => so + figure(one), 0);
  const refusals = new Map<string, number>();
  for (const outcome of outcomes) {
    for (const [reason, count] of outcome.refusals) refusals.set(reason, (refusals.get(reason) ?? 0) + count);
  }
  return {
    pointsMet: sum(({ pointsMet }) => pointsMet),
    pointsMissed: outcomes.flatMap(({ pointsMissed }) => pointsMissed),
    shotsMet: sum(({ shotsMet }) => shotsMet),
    shots: sum(({ shots }) => shots),
    serverEnds: sum(({ serverEnds }) => serverEnds),
    refusals,
    unclear: outcomes.flatMap(({ unclear }) => unclear),
    wrong: outcomes.flatMap(({ wrong }) => wrong),
    repaired: sum(({ repaired }) => repaired),
    counts: {
      sent: sum(({ counts }) => counts.sent),
      acknowledged: sum(({ counts }) => counts.acknowledged),
      refused: sum(({ counts }) => counts.refused),
      unknown: sum(({ counts }) => counts.unknown),
    },
    worstRecovery: Math.max(...outcomes.map(({ worstRecovery }) => worstRecovery)),
    isEndedCleanly: outcomes.every(({ isEndedCleanly }) => isEndedCleanly),
  };
}

async function meetPoints(stage: Stage, order: Order, tally: Tally): Promise<void> {
  const { points: times, only = "", database, progress } = order;
  const work = new LongWork(stage);
  const onCommits = database === "postgres" ? commitPoints : [];
  const isHere = (point: { readonly database?: DatabaseKind }): boolean => (point.database ?? database) === database;
  const each = [
    ...points.filter(isHere).map((point) => ({ name: point.name, meet: () => meet(stage, work, point) })),
    ...onCommits.map((point) => ({ name: point.name, meet: () => meetCommit(stage, work, point) })),
    ...startPoints.filter(isHere).map((point) => ({ name: point.name, meet: () => meetAtStart(stage, work, point) })),
  ];
  const chosen = each.filter(({ name }) => name.includes(only));
  for (let time = 1; time <= times; time += 1) {
    for (const point of chosen) {
      const isMet = await point.meet();
      if (isMet) tally.pointsMet += 1;
      else tally.pointsMissed.push(`${point.name}, time ${time}`);
      await resumed(stage);
      await untilSettled(stage);
      const wrong = [...(await work.wrong()), ...(await found(stage, touched))];
      tally.wrong.push(...wrong.map((what) => `${point.name}, time ${time}: ${what}`));
      progress(
        `${point.name}, time ${time} of ${times}: ${isMet ? "met" : "NOT MET"}${wrong.length > 0 ? `, ${wrong.join("; ")}` : ""}`,
      );
    }
  }
}

/** Has the server serve: PostgreSQL, one of whose processes was ended, starts all others anew. */
async function resumed(stage: Stage): Promise<void> {
  for (const until = performance.now() + servesWithin; ; ) {
    try {
      await stage.resume();
      for (const walker of Object.values(stage.walkers)) {
        const { reason } = await walker.walk();
        if (reason !== null) throw new Error(`it does not serve again: ${reason}`);
      }
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await pause(100);
    }
  }
}

async function shootAll(stage: Stage, { shots: wanted, seed, progress }: Order, tally: Tally): Promise<number> {
  if (wanted === 0) return 0;
  const shots = choose(allShots(await sitesOf(stage)), wanted, new SeededRandom(seed));
  for (const [index, shot] of shots.entries()) {
    const hit = await shoot(stage, shot);
    tally.takeHit(shot, hit);
    progress(
      `${index + 1} of ${shots.length}: ${wordsFor(shot)}: ${hit.isMet ? "met" : "not met"}, ${hit.reason ?? "acknowledged"}${hit.wrong.length > 0 ? `, WRONG: ${hit.wrong.join()}` : ""}`,
    );
    const isDue = hit.isServerEnded || index % shotsPerCheck === shotsPerCheck - 1;
    if (!isDue) continue;
    await untilSettled(stage);
    const wrong = await found(stage, touched);
    if (wrong.length > 0) progress(`WRONG: ${wrong.join("; ")}`);
    tally.wrong.push(...wrong.map((what) => `by ${wordsFor(shot)}: ${what}`));
  }
  return shots.length;
}

/** All shots, or some: spread evenly over every kind, from a place that the seed draws. */
function choose(all: readonly Shot[], wanted: number | "all", random: SeededRandom): readonly Shot[] {
  if (wanted === "all" || wanted >= all.length) return all;
  const groups = new Map<string, Shot[]>();
  for (const shot of all) {
    const kind = `${shot.side} ${shot.custody} ${shot.syscall} ${shot.effect}`;
    groups.set(kind, [...(groups.get(kind) ?? []), shot]);
  }
  const kinds = [...groups.values()];
  const chosen: Shot[] = [];
  while (chosen.length < wanted && kinds.some((kind) => kind.length > 0)) {
    for (const kind of kinds) {
      if (chosen.length < wanted && kind.length > 0) chosen.push(...kind.splice(random.below(kind.length), 1));
    }
  }
  return chosen;
}

async function found(stage: Stage, extent: CheckExtent): Promise<readonly string[]> {
  const { findings } = await stage.check(extent);
  return findings.map(({ invariant, what }) => `${invariant} ${what}`);
}

/** Ends and starts the server, has it mend what crashes left, and holds everything against the journals. */
async function closing(
  stage: Stage,
  tally: Tally,
): Promise<{ readonly repaired: number; readonly isEndedCleanly: boolean }> {
  const isEndedCleanly = await stage.restart();
  await pause(untilAbandoned);
  let repaired = 0;
  const operator = operatorOf(stage.server);
  try {
    for (const { tenant } of Object.values(stage.walkers)) {
      const { id } = await operator.scanIntegrity({ tenant: tenant.name, deep: false, repair: true });
      const report = await endOf(operator, id);
      repaired += report.repaired;
      const stays = report.findings.filter(({ kind }) => kind !== "repaired");
      tally.wrong.push(...stays.map(({ subject, reason }) => `after a repair, ${tenant.name} ${subject}: ${reason}`));
    }
  } finally {
    operator.close();
  }
  tally.wrong.push(...(await found(stage, { older: "all" })));
  return { repaired, isEndedCleanly };
}
