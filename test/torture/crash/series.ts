/** A series of kills and power cuts on one scene. */
import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { SeededRandom } from "#test/fuzz/random.js";
import { type CheckExtent, Checker } from "../load/checker.js";
import type { JournalMark } from "../load/journal.js";
import type { Load } from "../load/load.js";
import type { LoopDisk } from "./loop-disk.js";
import { backendsOf, processesOfKind, signal } from "./processes.js";
import type { Scene } from "./scene.js";
import type { Tally } from "./tally.js";

/** What a series works with. */
export interface Series {
  readonly scene: Scene;
  readonly load: Load;
  readonly checker: Checker;
  /** Away from the disk of the scene. */
  readonly journals: string;
  readonly random: SeededRandom;
  readonly tally: Tally;
  /** Server processes: 1 or more. */
  readonly processes: number;
}

/** One in so many kills is followed by another while the server starts. */
const killsForOneAtStart = 4;

/** Longest time that load runs before a fault once it is served, and that a start is given, in milliseconds. */
const longestRun = 400;
const longestStart = 1500;

const longestSilence = 120_000;

/** After each fault: what was done since the last one, and some of what was before. */
const afterFault: CheckExtent = { older: 20, audit: false, scan: "no" };

/** One in so many kills has the operator's checks after it, too: of the chains, and of what the tokens hold. */
const killsForOneOperator = 10;
const asOperatorToo: CheckExtent = { ...afterFault, audit: true, scan: "sample", repair: true };

/** Has load run until some requests were acknowledged, and then for a random while. */
async function runLoad({ load, random }: Series): Promise<void> {
  const wanted = load.counts.acknowledged + 1 + random.below(30);
  const end = performance.now() + longestSilence;
  load.resume();
  while (load.counts.acknowledged < wanted) {
    if (performance.now() > end) throw new Error("the server serves no more");
    await pause(5);
  }
  await pause(random.below(longestRun));
}

/** Kills the server under load, starts it again, and checks. */
export async function killServer(series: Series): Promise<void> {
  const { scene, load, checker, random, tally, processes } = series;
  await runLoad(series);
  const which = random.oneIn(3) ? "all" : "first";
  const left = await scene.kill(which);
  await load.pause();
  tally.kills += 1;
  tally.leftBehind.push(...left.map((id) => `process ${id} of kill ${tally.kills}`));
  if (random.oneIn(killsForOneAtStart)) {
    await scene.killWhileStarting(processes, random.below(longestStart));
    tally.killsWhileStarting += 1;
  }
  const when = `kill ${tally.kills} of ${nameOf(series)}`;
  tally.recoveries.push({ milliseconds: await scene.start(processes), when });
  const extent = tally.kills % killsForOneOperator === 0 ? asOperatorToo : afterFault;
  tally.add(await checker.check(scene.checked, extent), when);
}

/** Kills a process below or beside the server under load, and waits until all is served again. */
export async function killAnother(series: Series): Promise<void> {
  const { scene, load, checker, random, tally, processes } = series;
  await runLoad(series);
  const { name, kill } = random.pick(victimsOf(series));
  const killedAt = performance.now();
  await kill();
  await pause(random.below(longestRun));
  await load.pause();
  tally.otherKills += 1;
  await scene.untilServing(processes);
  const when = `kill of a ${name} of ${nameOf(series)}`;
  tally.otherRecoveries.push({ milliseconds: performance.now() - killedAt, when });
  const report = await checker.check(scene.checked, { ...afterFault, isSettled: false });
  tally.add(report, when);
}

interface Victim {
  readonly name: string;
  kill(): Promise<void>;
}

/** What can be killed besides the server as a whole. */
function victimsOf({ scene, random }: Series): readonly Victim[] {
  const oneOf = (name: string, ids: readonly number[]): readonly Victim[] =>
    ids.length === 0 ? [] : [{ name, kill: async () => signal([random.pick(ids)], "SIGKILL") }];
  const below = [
    ...oneOf("HSM worker", processesOfKind(scene.processId, "HSM worker")),
    ...oneOf("serving process", processesOfKind(scene.processId, "serving process")),
  ];
  if (scene.place.database === "sqlite") return below;
  const connections = oneOf("database connection", backendsOf(scene.postgresFolder));
  return [...below, ...connections, { name: "database", kill: () => scene.killDatabase() }];
}

/**
 * Cuts the power under load: all that writes stands still while the disk is copied, and a server on the copy is held
 * against what was acknowledged before. The server that was copied from goes on.
 */
export async function cutPower(series: Series, disk: LoopDisk, place: string): Promise<void> {
  const { scene, load, journals, random, tally, processes } = series;
  const since: JournalMark = load.mark();
  await runLoad(series);
  mkdirSync(place, { recursive: true });
  const before = load.mark();
  const writers = scene.writers;
  signal(writers, "SIGSTOP");
  const copied = await disk.copy(place).finally(() => signal(writers, "SIGCONT"));
  const after = load.mark();
  await load.pause();
  tally.powerCuts += 1;
  const name = `power cut ${tally.powerCuts} of ${nameOf(series)}`;
  try {
    if (!(await copied.needsRecovery())) tally.unharmedImages.push(name);
    await copied.mount();
    const checker = Checker.ofCopy(journals, { since, before, after }, random.next());
    const copy = await scene.onCopy(copied.folder);
    try {
      tally.recoveries.push({ milliseconds: await copy.start(processes), when: name });
      tally.add(await checker.checkAsRead(copy.checked, { older: 30, repair: true }), name);
    } finally {
      await copy.close();
    }
  } finally {
    await copied.remove();
    rmSync(place, { recursive: true, force: true });
  }
}

/** How the scene is told apart from others. */
export function nameOf({ scene, processes }: Pick<Series, "scene" | "processes">): string {
  return `${scene.place.database}, ${processes} process${processes === 1 ? "" : "es"}`;
}
