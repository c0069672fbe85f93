import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "#test/fuzz/random.js";
import { grouped } from "#test/harness/verdict.js";
import { Checker } from "../load/checker.js";
import type { LoadCounts } from "../load/ledger.js";
import { Load } from "../load/load.js";
import { LoopDisk } from "./loop-disk.js";
import { type DatabaseKind, Scene } from "./scene.js";
import { cutPower, killAnother, killServer, nameOf, type Series } from "./series.js";
import type { Tally } from "./tally.js";

/** What is to be done. */
export interface RunOrder {
  readonly seed: number;
  readonly kills: number;
  /** Of the kills, how many strike the server as a whole; the others strike a process below or beside it. */
  readonly wholeKills: number;
  readonly powerCuts: number;
  /** How often it is another database's, or number of processes', turn. */
  readonly turns: number;
  /** Clients of each tenant. */
  readonly clients: number;
  readonly databases: readonly DatabaseKind[];
  /** Whether no more is to be begun. */
  isOver(): boolean;
  /** In the environment of the servers. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Server processes, by turns. */
const processCounts = [1, 2] as const;

/** Room on each disk, in MiB. */
const diskSize = 4096;

/** One database with all that goes on around it for the whole run. */
interface Stage {
  readonly folder: string;
  readonly disk: LoopDisk | undefined;
  readonly scene: Scene;
  readonly load: Load;
  readonly checker: Checker;
  readonly journals: string;
}

/**
 * Kills servers and cuts their power, by turns over databases and numbers of processes; on each server both custodies are
 * under load. Ends with a check of everything on each database. Gives the requests that were made.
 */
export async function run(order: RunOrder, tally: Tally): Promise<LoadCounts> {
  const stages: Stage[] = [];
  const random = new SeededRandom(order.seed);
  try {
    for (const database of order.databases) stages.push(await setUp(order, database));
    for (let turn = 0; turn < order.turns && !order.isOver(); turn += 1) {
      const stage = stages[turn % stages.length];
      const round = Math.floor(turn / stages.length);
      const processes = processCounts[round % processCounts.length] ?? 1;
      const share = (all: number): number =>
        Math.floor(((turn + 1) * all) / order.turns) - Math.floor((turn * all) / order.turns);
      const due = { kills: share(order.kills), wholeKills: share(order.wholeKills), powerCuts: share(order.powerCuts) };
      if (stage !== undefined) await takeTurn({ ...stage, random, tally, processes }, due, order);
    }
    for (const stage of stages) await checkAll(stage, tally);
    return sum(stages.map(({ load }) => load.counts));
  } finally {
    await Promise.all(stages.map(takeDown));
  }
}

/** Where the disk of a stage is mounted, or a folder in its place. */
async function roomFor(folder: string, isDisk: boolean): Promise<{ disk: LoopDisk | undefined; onDisk: string }> {
  const place = join(folder, "d");
  const disk = isDisk ? await LoopDisk.make(place, diskSize) : undefined;
  const onDisk = disk?.folder ?? place;
  mkdirSync(onDisk, { recursive: true });
  return { disk, onDisk };
}

async function setUp({ seed, clients, powerCuts, environment }: RunOrder, database: DatabaseKind): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-cut-"));
  let disk: LoopDisk | undefined;
  let scene: Scene | undefined;
  let load: Load | undefined;
  try {
    // PostgreSQL, which does not run as root, has to come to its own folder.
    chmodSync(folder, 0o711);
    const journals = join(folder, "journals");
    mkdirSync(journals);
    const room = await roomFor(folder, powerCuts > 0);
    disk = room.disk;
    scene = await Scene.make({ database, folder: room.onDisk, ...(environment && { environment }) });
    await disk?.writeThrough();
    const { ports, tenants } = scene;
    load = await Load.start({ seed, port: () => ports.kmipPort, tenants, clients, journals });
    await load.pause();
    await scene.stop();
    return { folder, disk, scene, load, checker: Checker.following(journals, seed), journals };
  } catch (error) {
    await takeDown({ folder, disk, scene, load });
    throw error;
  }
}

type Due = Pick<RunOrder, "kills" | "wholeKills" | "powerCuts">;

async function takeTurn(series: Series & Stage, due: Due, order: RunOrder): Promise<void> {
  const { scene, load, checker, tally, disk, folder, processes } = series;
  tally.recoveries.push({ milliseconds: await scene.start(processes), when: `before load on ${nameOf(series)}` });
  for (let kill = 0; kill < due.kills && !order.isOver(); kill += 1) {
    const isWhole =
      Math.floor(((kill + 1) * due.wholeKills) / due.kills) > Math.floor((kill * due.wholeKills) / due.kills);
    await (isWhole ? killServer(series) : killAnother(series));
  }
  for (let cut = 0; disk !== undefined && cut < due.powerCuts && !order.isOver(); cut += 1) {
    await cutPower(series, disk, join(folder, "c"));
  }
  await load.pause();
  // What faults cut off in a server that went on is settled by now, or never.
  await scene.untilSettled();
  tally.add(await checker.check(scene.checked, { older: 100, scan: "sample", repair: true }), nameOf(series));
  await scene.stop();
  const { acknowledged, unknown } = load.counts;
  process.stderr.write(
    `${tally.kills} kills of the server, ${tally.otherKills} of other processes, ${tally.powerCuts} power cuts, ` +
      `${tally.findings.length} findings; on ${nameOf(series)} ${grouped(acknowledged)} requests acknowledged, ` +
      `${unknown} of unknown outcome so far\n`,
  );
}

/** Starts the server once more and checks every key, every object, every record and every file. */
async function checkAll({ scene, checker, load }: Stage, tally: Tally): Promise<void> {
  await load.pause();
  const when = `the end on ${scene.place.database}`;
  tally.recoveries.push({ milliseconds: await scene.start(1), when });
  tally.add(await checker.check(scene.checked, { older: "all", repair: true }), when);
  await scene.stop();
}

/** What there is of a stage. */
interface Begun extends Pick<Stage, "folder" | "disk"> {
  readonly scene: Scene | undefined;
  readonly load: Load | undefined;
}

/** Leaves nothing behind: each step is taken whatever became of the one before. Rejects with what went wrong first. */
async function takeDown({ load, scene, disk, folder }: Begun): Promise<void> {
  const steps = [async () => scene?.close(), async () => load?.stop(), async () => disk?.remove()];
  const failed: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failed.push(error));
  if (failed.length > 0) throw failed[0];
  rmSync(folder, { recursive: true, force: true });
}

function sum(counts: readonly LoadCounts[]): LoadCounts {
  const total = (name: keyof LoadCounts): number => counts.reduce((so, one) => so + one[name], 0);
  return {
    sent: total("sent"),
    acknowledged: total("acknowledged"),
    refused: total("refused"),
    unknown: total("unknown"),
  };
}
