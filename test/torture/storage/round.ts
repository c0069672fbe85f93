/** One fault under load, and what came of it. */
import { setTimeout as pause } from "node:timers/promises";
import type { SeededRandom } from "#test/fuzz/random.js";
import type { Arena } from "./arena.js";
import { type Fault, recoveredWithin, requests } from "./fault.js";
import type { Figures } from "./figures.js";
import { isFelt, judgeAnswers, longestOf } from "./judge-answers.js";
import type { Asked } from "./probe.js";

/** What a fault came to. */
export interface RoundReport {
  readonly fault: string;
  /** Longest that an answer took while it lasted, in milliseconds. */
  readonly answered: number;
  /** From its end to the first request that was served, in milliseconds. */
  readonly recovered: number;
  /** Requests of the probes that were served and refused while it lasted. */
  readonly served: number;
  readonly refused: number;
  readonly wrong: readonly string[];
}

/** Acknowledged requests between two faults, at least. */
const between = 25;
/** How long after the end events and metrics may be on their way, in milliseconds. */
const toldWithin = 5000;
/**
 * How much longer a fault lasts, in milliseconds, until it is felt: until what others give back is too little for once, or
 * the last page of a file is full, too.
 */
const unfeltFor = 15_000;
/** How long it lasts once it is felt, in milliseconds, at least. */
const feltFor = 2000;
/** How long a probe asks before a fault begins, in milliseconds. */
const startup = 200;
/** Open files beyond those before the first fault that count as leaked. */
const spareFiles = 12;

/** Has a fault happen to an arena, and looks whether the server bears it as it must. */
export async function strike(
  arena: Arena,
  fault: Fault,
  { random, judgesTime }: { readonly random: SeededRandom; readonly judgesTime: boolean },
): Promise<RoundReport> {
  await arena.untilAcknowledged(between);
  const before = await arena.figures();
  const filesBefore = arena.openFiles;
  const probes = requests.filter((name) => fault.felt[name] !== undefined);
  await pause(random.below(400));
  for (const name of probes) arena.probe(name).start();
  await pause(startup);
  for (const name of probes) arena.probe(name).take();
  const wrong: string[] = [];
  const { begun, ending, healed } = await happen(arena, fault, random, wrong);
  const recoveries: number[] = [];
  const all: Asked[] = [];
  for (const name of probes) {
    const probe = arena.probe(name);
    const first = await probe.servedAfter(healed, 2 * recoveredWithin);
    recoveries.push(first === undefined ? Number.POSITIVE_INFINITY : first.startedAt + first.milliseconds - healed);
    // What was under way when it began was held up by it, too.
    await probe.rest();
    const asked = probe.take().filter((one) => one.startedAt + one.milliseconds >= begun && one.startedAt < ending);
    wrong.push(...judgeAnswers(fault, fault.felt[name] ?? "served", asked, { begun, ending, judgesTime }));
    all.push(...asked);
  }
  const recovered = Math.max(...recoveries);
  if (recovered > (judgesTime ? 1 : 2) * recoveredWithin)
    wrong.push(`served again after ${(recovered / 1000).toFixed(1)} s`);
  await arena.untilAcknowledged(between);
  wrong.push(...(await judgeTold(arena, fault, before)));
  const files = arena.openFiles;
  if (files > filesBefore + spareFiles) wrong.push(`${files} files are open, ${filesBefore} before`);
  wrong.push(...((await fault.after?.(arena)) ?? []));
  const { findings } = await arena.check("some");
  wrong.push(...findings.map(({ invariant, what }) => `${invariant} ${what}`));
  const count = (outcome: Asked["outcome"]): number => all.filter((one) => one.outcome === outcome).length;
  return {
    ...{ fault: fault.name, answered: longestOf(all), recovered },
    ...{ served: count("served"), refused: count("refused") },
    wrong: wrong.map((what) => `${fault.name}: ${what}`),
  };
}

interface Moments {
  readonly begun: number;
  readonly ending: number;
  readonly healed: number;
}

/** The fault itself, from its beginning to its end. */
async function happen(arena: Arena, fault: Fault, random: SeededRandom, wrong: string[]): Promise<Moments> {
  const begun = performance.now();
  const heal = await fault.inject(arena, (below) => random.below(below));
  let ending = begun;
  try {
    await pause(fault.lasts);
    await untilFelt(arena, fault);
    wrong.push(...(await lookAt(arena, fault)));
  } finally {
    ending = performance.now();
    await heal();
  }
  return { begun, ending, healed: performance.now() };
}

async function untilFelt(arena: Arena, { felt }: Fault): Promise<void> {
  for (const name of requests.filter((one) => isFelt(felt[one] ?? "served"))) {
    const refusedAt = await arena.probe(name).refusedAt(unfeltFor);
    if (refusedAt !== undefined) await pause(Math.max(0, refusedAt + feltFor - performance.now()));
  }
}

/** What the admin port says while the fault lasts. */
async function lookAt(arena: Arena, { ready, listsTenants, metrics = {} }: Fault): Promise<readonly string[]> {
  const wrong: string[] = [];
  const statusOf = async (path: string): Promise<number | string> =>
    arena.asOperator(async (caller) => (await caller.ask(path)).status).catch(String);
  const expected = [
    ...(ready === undefined ? [] : [["/health/ready", ready ? 200 : 503] as const, ["/health/live", 200] as const]),
    ...(listsTenants === undefined ? [] : [["/v1/tenants", listsTenants ? 200 : 503] as const]),
  ];
  for (const [path, status] of expected) {
    const is = await statusOf(path);
    if (is !== status) wrong.push(`${path} answers ${is}`);
  }
  const figures = await arena.figures();
  for (const [name, telling] of Object.entries(metrics)) {
    const value = figures.metrics.get(name);
    const tells = telling === "zero" ? value === 0 : telling === "above zero" ? Number(value) > 0 : true;
    if (!tells) wrong.push(`the metric ${name} is ${value}`);
  }
  return wrong;
}

/** What events and metrics have told when it is over. */
async function judgeTold(arena: Arena, fault: Fault, before: Figures): Promise<readonly string[]> {
  const end = performance.now() + toldWithin;
  for (;;) {
    const wrong = untold(fault, before, await arena.figures());
    if (wrong.length === 0 || performance.now() > end) return wrong;
    await pause(100);
  }
}

function untold(fault: Fault, before: Figures, now: Figures): readonly string[] {
  const raised = (kind: string): number => (now.events.get(kind) ?? 0) - (before.events.get(kind) ?? 0);
  const once = (fault.events ?? []).filter((kind) => raised(kind) !== 1);
  const some = (fault.repeatedEvents ?? []).filter((kind) => raised(kind) === 0);
  const silent = Object.entries(fault.metrics ?? {}).filter(([name, telling]) => {
    const value = now.metrics.get(name) ?? 0;
    if (telling === "counts") return value <= (before.metrics.get(name) ?? 0);
    return telling === "zero" ? value === 0 : value !== 0;
  });
  return [
    ...[...once, ...some].map((kind) => `the event ${kind} was raised ${raised(kind)} times`),
    ...silent.map(([name]) => `the metric ${name} is ${now.metrics.get(name)} after it`),
  ];
}
