/** The clock of the server's machine is set to and fro under load. */
import { setTimeout as pause } from "node:timers/promises";
import { V2_1 } from "#protocol/versions.js";
import { SeededRandom } from "#test/fuzz/random.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { operatorOf } from "#test/support/operator.js";
import { clientFolder, connectTo, readIdentity } from "#test/support/server.js";
import { Arena } from "./arena.js";
import { DatedKeys } from "./dated-keys.js";
import { clockLibrary, MovedClock } from "./moved-clock.js";
import { addCounts, type Part, type PartOrder } from "./part.js";

const hour = 3600;
const day = 24 * hour;
/** Where the server's clock is set, in seconds beside the machine's; after each it is set right again. */
const usualJumps = [
  { name: "clock ahead by two hours", offset: 2 * hour },
  { name: "clock back by two hours", offset: -2 * hour },
  { name: "clock ahead by a month", offset: 30 * day },
  { name: "clock ahead by 400 days", offset: 400 * day },
] as const;
/** Where the clock is when certificates are made, so that they are valid by clocks that are behind as well. */
const beginning = -150 * day;
/** Offsets at which the certificates of the clients of the load are valid. */
const loadWorks = { from: beginning + day, to: 200 * day };
const requestsBetween = 20;
const requestsWithin = 30_000;
/** How long the server has to look at its clock, and for a rotation that is due, in milliseconds. */
const settling = 2500;
/** Steps that are to be told, in seconds, and a second for the looks. */
const told = 3;

/** A client whose certificate outlasts all steps. */
async function connectLasting({ server }: Arena): Promise<KmipClient> {
  const operator = operatorOf(server);
  try {
    await operator.issueClient({ tenant: "probed", name: "lasting", days: 1500 });
  } finally {
    operator.close();
  }
  return connectTo(server, { identity: readIdentity(clientFolder(server.home, "probed", "lasting")) });
}

/** How often the server has told of a step, in its log: the operator's certificate does not outlast all of them. */
function stepsTold({ server }: Arena): number {
  return server.output().split("the clock of this machine was set").length - 1;
}

/** The offsets of a run, each followed by the way back: those asked for, and some that are drawn anew. */
function offsetsOf({ fault, rounds, seed }: PartOrder): readonly number[] {
  const random = new SeededRandom(seed);
  const drawn = Array.from({ length: rounds > 1 ? rounds : 0 }, () => {
    const reach = random.pick([10, 3 * hour, 2 * day, 140 * day]);
    return { name: "clock somewhere", offset: random.below(2 * reach) - reach };
  });
  const chosen = [...usualJumps, ...drawn].filter(({ name }) => name.includes(fault));
  return chosen.flatMap(({ offset }) => [offset, 0]);
}

/** What the steps came to. */
interface Steps {
  count: number;
  readonly rotations: number[];
  readonly wrong: string[];
}

async function stepThrough(arena: Arena, clock: MovedClock, keys: DatedKeys, order: PartOrder, client: KmipClient) {
  const { isOver, tell } = order;
  const steps: Steps = { count: 0, rotations: [], wrong: [] };
  for (const offset of offsetsOf(order)) {
    if (isOver()) break;
    await keys.make(clock.now());
    await keys.look();
    const before = stepsTold(arena);
    const step = clock.set(offset);
    steps.count += 1;
    await pause(settling);
    const tellings = stepsTold(arena) - before;
    if (Math.abs(step) > told && tellings !== 1) steps.wrong.push(`a step of ${step} s was told ${tellings} times`);
    await keys.look();
    if (await client.closedWithin(1)) steps.wrong.push(`a step of ${step} s ended a connection`);
    if (offset >= loadWorks.from && offset <= loadWorks.to) await loadGoesOn(arena, steps, step);
    steps.rotations.push(await keys.rotations());
    tell(
      `clock ${offset} s beside: ${tellings} told, ${steps.rotations.at(-1)} rotations, ${keys.deactivated} deactivated`,
    );
  }
  return steps;
}

async function loadGoesOn(arena: Arena, { wrong }: Steps, step: number): Promise<void> {
  const isServed = await Promise.race([
    arena.untilAcknowledged(requestsBetween).then(() => true),
    pause(requestsWithin, false, { ref: false }),
  ]);
  if (!isServed) wrong.push(`after a step of ${step} s clients are not served`);
}

function judge({ verdict }: PartOrder, { count, rotations, wrong }: Steps, keys: DatedKeys): void {
  const found = [...wrong, ...keys.wrong];
  const figure = `${count} steps, ${keys.count} keys with dates, ${keys.deactivated} deactivated by them`;
  const holds = found.length === 0 && keys.deactivated > 0;
  verdict.check(
    "no key goes back, no connection ends, each step is told once",
    holds,
    [figure, ...found].join("\n         "),
  );
  const isOnce = rotations.every((number, index) => {
    const more = number - (rotations[index - 1] ?? 0);
    return more === 0 || more === 1;
  });
  const figureOfRotations = `after each step ${rotations.join(", ")}`;
  verdict.check("a step rotates what is due once", isOnce && (rotations.at(-1) ?? 0) > 0, figureOfRotations);
}

async function run(order: PartOrder): Promise<void> {
  const library = clockLibrary();
  if (library === undefined || offsetsOf(order).length === 0) return;
  const { seed, clients, verdict, totals } = order;
  const clock = new MovedClock();
  clock.set(beginning);
  const settings = { rotation: ["everySeconds: 1"], audit: ["checkpointSeconds: 1"] };
  const arena = await Arena.make({ seed, clients, environment: clock.environment(library), settings }).catch(
    (error) => {
      clock.remove();
      throw error;
    },
  );
  try {
    const client = await connectLasting(arena);
    clock.set(0);
    await pause(settling);
    const keys = new DatedKeys(actionsOf(client, V2_1));
    await keys.makeRotating(clock.now());
    const steps = await stepThrough(arena, clock, keys, order, client);
    await client.close();
    clock.set(0);
    const { findings, keys: checked, counts } = await arena.check("all");
    judge(order, steps, keys);
    const wrong = findings.map(({ invariant, what }) => `${invariant} ${what}`);
    verdict.none("clock: everything is as it was acknowledged", wrong, checked);
    totals.faults += steps.count;
    addCounts(totals, counts);
  } finally {
    await arena.close();
    clock.remove();
  }
}

/** The clock steps by hours, a month and more than a year. */
export const clock: Part = {
  about: "the clock set back and forward by hours, a month, 400 days, and by as much as is drawn where N is above 1",
  longRounds: 20,
  obstacle: () =>
    clockLibrary() === undefined ? "libfaketime is missing (Debian: apt-get install libfaketime)" : null,
  run,
};
