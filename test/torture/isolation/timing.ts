/** Whether the time of an answer tells what is another's from what is not there. */
import type { Cell } from "./cell.js";
import { shuffled } from "./choosing.js";
import { type Desk, describe, Subjects } from "./matrix.js";
import { nothingNamed } from "./subjects.js";
import type { World } from "./world.js";

/** How two series of times differ. */
export interface Difference {
  /** Milliseconds, middle of each series. */
  readonly foreign: number;
  readonly none: number;
  /** The chance, were both of one kind, that their ranks lie so far apart (Mann-Whitney, two-sided, normal approximation). */
  readonly p: number;
}

/** The middle of some numbers. */
function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}

/** The chance of a standard normal number beyond z on either side (Abramowitz and Stegun 26.2.17). */
function beyond(z: number): number {
  const x = Math.abs(z);
  const t = 1 / (1 + 0.2316419 * x);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = terms.reduceRight((rest, term) => (rest + term) * t, 0);
  return Math.min(1, (2 * Math.exp((-x * x) / 2) * sum) / Math.sqrt(2 * Math.PI));
}

/** Compares two series; equal times share their ranks. */
export function differenceOf(foreign: readonly number[], none: readonly number[]): Difference {
  const all = [
    ...foreign.map((time) => ({ time, isForeign: true })),
    ...none.map((time) => ({ time, isForeign: false })),
  ].sort((one, other) => one.time - other.time);
  let ranks = 0;
  let ties = 0;
  for (let first = 0; first < all.length; ) {
    let next = first;
    while (next < all.length && all[next]?.time === all[first]?.time) next += 1;
    const count = next - first;
    ties += count ** 3 - count;
    ranks += ((first + next + 1) / 2) * all.slice(first, next).filter(({ isForeign }) => isForeign).length;
    first = next;
  }
  const [n, m, total] = [foreign.length, none.length, all.length];
  const u = ranks - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return {
    foreign: median(foreign),
    none: median(none),
    p: variance > 0 ? beyond((u - (n * m) / 2) / Math.sqrt(variance)) : 1,
  };
}

/** Medians may differ by so much: the larger of a part of them and of some milliseconds. */
const allowed = { part: 0.05, milliseconds: 0.2 } as const;

/** Whether the middles of two series are of one class of time. */
export function isOfOneClass({ foreign, none }: Difference): boolean {
  return Math.abs(foreign - none) <= Math.max(allowed.milliseconds, allowed.part * none);
}

/** Pairs that are asked before times are taken. */
const warmingUp = 20;

/** Asks by one road for both in turn, in an order drawn for each pair, over one connection. */
async function timeRoad(
  world: World,
  cell: Cell,
  { pairs, random, desk }: { readonly pairs: number; readonly random: () => number; readonly desk: Desk },
): Promise<{ readonly difference: Difference }> {
  const { stranger, owner } = world;
  const subjects = new Subjects(owner);
  await subjects.prepare([cell]);
  const times = { foreign: [] as number[], none: [] as number[] };
  for (let pair = -warmingUp; pair < pairs; pair += 1) {
    const probes = [
      { series: times.foreign, probe: await cell.probe(stranger.own, await subjects.for(cell)) },
      { series: times.none, probe: await cell.probe(stranger.own, nothingNamed()) },
    ];
    for (const { series, probe } of shuffled(probes, random)) {
      const milliseconds = await desk.time(cell, stranger, probe);
      if (pair >= 0) series.push(milliseconds);
    }
  }
  return { difference: differenceOf(times.foreign, times.none) };
}

/**
 * One cell a road: a stranger's for an object that is there, of the operation that comes first. Roads that differ in the
 * type of a link alone are one.
 */
export function cellsToTime(cells: readonly Cell[]): readonly Cell[] {
  const first = new Map<string, Cell>();
  for (const cell of cells) {
    const { road, relation, door, state } = cell;
    const key = `${road.replace(/:.*| link .*Link$/, "")} ${door}`;
    if (relation === "stranger" && (state === "Active" || state === "Pre-Active") && !first.has(key))
      first.set(key, cell);
  }
  return [...first.values()];
}

/** The ranks of all roads together lie apart by chance in one run of a hundred. */
const chance = 0.01;

/** What can be told from times: nothing of a road that passes at first, or when it is timed again. */
export async function timeRoads(
  world: World,
  cells: readonly Cell[],
  order: { readonly pairs: number; readonly random: () => number; readonly desk: Desk },
  progress: (line: string) => void,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const cell of cells) {
    let words = "";
    let passes = false;
    for (let time = 0; time < 2 && !passes; time += 1) {
      const { difference } = await timeRoad(world, cell, order);
      passes = isOfOneClass(difference) && difference.p > chance / cells.length;
      const { foreign, none, p } = difference;
      words = `${foreign.toFixed(3)} ms, where there is none ${none.toFixed(3)} ms, p = ${p.toPrecision(2)}`;
      progress(`${passes ? "same  " : "APART "} ${cell.road} over ${cell.door} (${cell.operation}): ${words}`);
    }
    if (!passes) wrong.push(`${describe(cell)}: ${words}`);
  }
  return wrong;
}
