/** The parts of the harness: each a server in an arena, and what happens to it. */
import { SeededRandom } from "#test/fuzz/random.js";
import type { Verdict } from "#test/harness/verdict.js";
import type { LoadCounts } from "../load/ledger.js";
import type { Arena, ArenaOptions } from "./arena.js";
import type { Fault } from "./fault.js";
import { type RoundReport, strike } from "./round.js";

/** What a part is told to do, and where it tells what came of it. */
export interface PartOrder {
  readonly seed: number;
  /** How often each fault happens. */
  readonly rounds: number;
  /** Clients of each of the two tenants. */
  readonly clients: number;
  /** Only faults whose name has this text happen. */
  readonly fault: string;
  /** Whether it is judged how long answers and recoveries take. */
  readonly judgesTime: boolean;
  readonly verdict: Verdict;
  readonly totals: Totals;
  readonly tell: (text: string) => void;
  /** Whether nothing more is to be begun. */
  readonly isOver: () => boolean;
}

/** One part of the harness, as the table of parts holds it. */
export interface Part {
  /** What fails, in a few words for the help. */
  readonly about: string;
  /** How often each fault happens in the long form. */
  readonly longRounds: number;
  /** Why it cannot be had here; null where it can. */
  obstacle(): string | null;
  run(order: PartOrder): Promise<void>;
}

/** Sums over all parts. */
export type Totals = { -readonly [Count in keyof LoadCounts]: number } & { faults: number };

/** An arena and what happens to it. */
export interface OpenArena {
  readonly arena: Arena;
  readonly faults: readonly Fault[];
  close(): Promise<void>;
}

/** What every arena is made with. */
export type ArenaSize = Pick<ArenaOptions, "seed" | "clients">;

/** Adds what a load came to to the totals. */
export function addCounts(totals: Totals, counts: LoadCounts): void {
  for (const count of ["sent", "acknowledged", "refused", "unknown"] as const) totals[count] += counts[count];
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

/** A part in which faults happen to one server one after the other, and which ends with the check of everything. */
export function partOfFaults(
  name: string,
  { open, ...part }: Omit<Part, "run"> & { open: (size: ArenaSize) => Promise<OpenArena> },
): Part {
  return { ...part, run: (order) => runFaults(name, order, open) };
}

async function runFaults(name: string, order: PartOrder, open: (size: ArenaSize) => Promise<OpenArena>): Promise<void> {
  const { arena, faults, close } = await open(order);
  try {
    const reports = await strikeAll(arena, faults, order);
    const { findings, keys, counts } = await arena.check("all");
    const wrong = findings.map(({ invariant, what }) => `${invariant} ${what}`);
    order.verdict.none(`${name}: everything is as it was acknowledged`, wrong, keys);
    judgeRounds(order, reports);
    order.totals.faults += reports.length;
    addCounts(order.totals, counts);
  } finally {
    await close();
  }
}

async function strikeAll(arena: Arena, faults: readonly Fault[], order: PartOrder): Promise<readonly RoundReport[]> {
  const { rounds, seed, judgesTime, tell, isOver } = order;
  const chosen = faults.filter(({ name }) => name.includes(order.fault));
  const random = new SeededRandom(seed);
  const reports: RoundReport[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const fault of chosen) {
      if (isOver()) return reports;
      const report = await strike(arena, fault, { random, judgesTime });
      reports.push(report);
      const { answered, recovered, wrong } = report;
      tell(`${round + 1} ${fault.name}: ${seconds(answered)}, ${seconds(recovered)} ${wrong.join("; ")}`);
    }
  }
  return reports;
}

function judgeRounds({ verdict }: PartOrder, reports: readonly RoundReport[]): void {
  for (const name of new Set(reports.map(({ fault }) => fault))) {
    const own = reports.filter(({ fault }) => fault === name);
    const worst = (field: "answered" | "recovered"): string => seconds(Math.max(...own.map((one) => one[field])));
    const sum = (field: "served" | "refused"): number => own.reduce((total, one) => total + one[field], 0);
    const wrong = own.flatMap((report) => report.wrong);
    const times = `answers within ${worst("answered")}, served again after ${worst("recovered")}`;
    const figure = `${own.length} times, ${times}, ${sum("refused")} refused, ${sum("served")} served`;
    verdict.check(name, wrong.length === 0, [figure, ...wrong.slice(0, 20)].join("\n         "));
  }
}
