/** One run of the matrix: chooses cells, tries them, and says what was found. */

import { requestHeader } from "#protocol/messages/header.js";
import { operations } from "#src/operations/index.js";
import type { Verdict } from "#test/harness/verdict.js";
import type { Cell } from "./cell.js";
import { coverage, pairwise, randomFrom, shuffled } from "./choosing.js";
import { exclusions, shutOut } from "./connections.js";
import { isServed } from "./expectations.js";
import { guessInPartitions, guessThroughServer } from "./handles.js";
import { beginAll, goOn, type HoldingCell, holdingCells, tryHolding } from "./holdings.js";
import { cellsOf, Desk, describe, Subjects, tryForeign, tryOwn } from "./matrix.js";
import { type PlacedOperation, placedOperations, placesIn } from "./places.js";
import { attemptsFor } from "./roads.js";
import { isGone } from "./subjects.js";
import { cellsToTime, timeRoads } from "./timing.js";
import { startWorld, type World } from "./world.js";

/** What a run is to do. */
export interface Order {
  readonly seed: number;
  /** How many cells about objects; all where there are not more. */
  readonly cells: number;
  /** How many cells about what is under way; all where there are not more. */
  readonly holdings: number;
  /** How many handles of PKCS#11 are guessed, in each partition and by each client. */
  readonly handles: number;
  /** How many pairs a road are timed. */
  readonly pairs: number;
  /** Told how far the run is. */
  progress(line: string): void;
}

/** What a run has done, in figures. */
export type Done = Record<string, number>;

/** Everything in a run that its parts need. */
export interface Run {
  readonly order: Order;
  readonly world: World;
  readonly desk: Desk;
  readonly placed: readonly PlacedOperation[];
  readonly verdict: Verdict;
  readonly done: Done;
}

/** Runs the matrix on a server of its own. */
export async function runMatrix(order: Order, verdict: Verdict): Promise<Done> {
  const placed = placedOperations(operations);
  const world = await startWorld();
  const run: Run = { order, world, desk: new Desk(world), placed, verdict, done: {} };
  try {
    const all = attemptsFor(placed).flatMap(cellsOf);
    const random = randomFrom(order.seed);
    const cells = [...new Set([...spineOf(all, random), ...pairwise(all, order.cells, random)])];
    const { pairs, of } = coverage(all, cells);
    order.progress(
      `${cells.length} of ${all.length} cells about objects, with ${pairs} of ${of} pairs of values of two axes`,
    );
    await tryOwnCells(
      run,
      cells.filter(({ relation }) => relation === "own"),
    );
    await tryForeignCells(
      run,
      cells.filter(({ relation }) => relation !== "own"),
    );
    await tryHoldings(run);
    if (order.pairs > 0) await tryTimes(run, cellsToTime(all));
    for (const exclusion of exclusions) {
      const { cells: tried, wrong, cut, refused } = await shutOut(world, placed, exclusion);
      verdict.none(`nothing is served to a ${exclusion}`, wrong, tried);
      run.done[`cells of a ${exclusion}`] = tried;
      order.progress(`${exclusion}: ${cut} connections cut, ${refused} requests refused`);
    }
    run.done["requests answered"] = run.desk.answered;
    return run.done;
  } finally {
    await run.desk.close();
    await world.close();
  }
}

/** Every operation is on a road, and so is every field that names something. */
function checkRoads({ placed, verdict }: Run, holdings: readonly HoldingCell[]): void {
  const cells = [...attemptsFor(placed), ...holdings.map(({ cell }) => cell)];
  const roads = new Set(cells.map(({ operation, place }) => `${operation} ${place}`));
  const needed = placed.flatMap(({ operation, places }) => [
    `${operation.name} header`,
    ...places
      // Every function of PKCS#11 is a road of its own.
      .filter(({ naming }) => naming !== "handles")
      .map(({ path }) => `${operation.name} ${path.join(".")}`),
  ]);
  const without = needed.filter((road) => !roads.has(road));
  verdict.none("every operation and every field that names something is on a road", without, needed.length);
  const { undecided } = placesIn(requestHeader);
  verdict.none("it is known of every field of the header whether it names something", undecided, 1);
}

/**
 * Cells that are tried whatever the choice: for each operation its own object in a state of which it is written down what
 * it demands.
 */
function spineOf(cells: readonly Cell[], random: () => number): readonly Cell[] {
  const known = cells.filter(
    ({ relation, isTarget, door, operation, kind, state }) =>
      relation === "own" && isTarget && door === "TLS" && isServed(operation, kind, state) !== undefined,
  );
  const first = new Map(shuffled(known, random).map((cell) => [`${cell.operation} ${isGone(cell.state)}`, cell]));
  return [...first.values()];
}

/** The owner is served, or told what the state of the object demands: so that the matrix can fail. */
async function tryOwnCells({ world, desk, verdict, order, done }: Run, cells: readonly Cell[]): Promise<void> {
  const wrong: string[] = [];
  let judged = 0;
  for (const [index, cell] of cells.entries()) {
    const { told, isLikeMissing } = await tryOwn(world, desk, cell);
    const expected = cell.isTarget ? isServed(cell.operation, cell.kind, cell.state) : undefined;
    if (expected !== undefined) judged += 1;
    if (isLikeMissing && !cell.isHidden) wrong.push(`${describe(cell)}: the own object is not there`);
    if (expected !== undefined && expected !== told.succeeded)
      wrong.push(`${describe(cell)}: ${told.succeeded ? "served" : (told.message ?? "refused")}`);
    if (expected === undefined && isGone(cell.state) && told.succeeded && cell.road === "identifier" && cell.isTarget)
      wrong.push(...(isReading(cell) ? [] : [`${describe(cell)}: a destroyed object was served`]));
    if (index % 200 === 199) order.progress(`own: ${index + 1} of ${cells.length}, ${wrong.length} wrong`);
  }
  verdict.none("an own object is served or refused as its state demands, and never missing", wrong, cells.length);
  verdict.check("what the state demands is known beforehand", judged > 0, `of ${judged} cells`);
  done["cells of own objects"] = cells.length;
}

/** Operations that tell of destroyed objects what is left: their attributes. */
function isReading({ operation }: Cell): boolean {
  return ["Get Attributes", "Get Attribute List", "Export", "Revoke"].includes(operation);
}

/** Cells between two looks at everything that the owner has. */
const cellsBetweenLooks = 50;

async function tryForeignCells({ world, desk, verdict, order, done }: Run, cells: readonly Cell[]): Promise<void> {
  const { witness, owner } = world;
  const subjects = new Subjects(owner);
  await subjects.prepare(cells);
  const wrong: string[] = [];
  const touched: string[] = [];
  // Cells that need an object of their own change what the owner has; between the others nothing does.
  const apart = cells.filter(({ leavesNamesake }) => leavesNamesake);
  const together = cells.filter(({ leavesNamesake }) => !leavesNamesake);
  const look = () => witness.footprint(owner.tenantId);
  let tried = 0;
  const attempt = async (cell: Cell): Promise<void> => {
    for (const what of await tryForeign(world, desk, cell, await subjects.for(cell)))
      wrong.push(`${describe(cell)}: ${what}`);
    tried += 1;
    if (tried % 200 === 0) order.progress(`foreign: ${tried} of ${cells.length}, ${wrong.length} wrong`);
  };
  for (const cell of apart) await attempt(cell);
  let before = await look();
  for (let from = 0; from < together.length; from += cellsBetweenLooks) {
    const some = together.slice(from, from + cellsBetweenLooks);
    for (const cell of some) await attempt(cell);
    const after = await look();
    if (after !== before) touched.push(some.map(describe).join("; "));
    before = after;
  }
  verdict.none("what is not the asker's is not there, in answer, object and audit", wrong, cells.length);
  verdict.none("nothing that the owner has was touched", touched, Math.ceil(together.length / cellsBetweenLooks));
  for (const relation of ["stranger", "colleague", "bearer"])
    done[`cells of a ${relation}`] = cells.filter((cell) => cell.relation === relation).length;
  done["object types and states"] = subjects.count;
}

async function tryHoldings(run: Run): Promise<void> {
  const { world, desk, placed, verdict, order, done } = run;
  const holdings = await beginAll(world, placed);
  const all = await holdingCells(world, placed, holdings);
  checkRoads(run, all);
  const byCell = new Map<Cell, HoldingCell>(all.map((each) => [each.cell, each]));
  const chosen = pairwise([...byCell.keys()], order.holdings, randomFrom(order.seed)).flatMap(
    (cell) => byCell.get(cell) ?? [],
  );
  for (const { asker } of chosen) await asker?.();
  const before = await world.witness.footprint(world.owner.tenantId);
  const wrong: string[] = [];
  for (const holding of chosen)
    for (const what of await tryHolding(world, desk, holding)) wrong.push(`${describe(holding.cell)}: ${what}`);
  const guessed = await guessThroughServer(world, order.handles, holdings.key);
  verdict.none("guessed handles hit nothing through the server", guessed.wrong, guessed.tried);
  const inPartitions = await guessInPartitions(order.handles, order.seed);
  const { tried, hits, wrong: outside } = inPartitions;
  verdict.none(`handles hit nothing outside the token of their process, ${hits} inside`, outside, tried);
  done["handles guessed"] = guessed.tried + tried;
  const isUntouched = before === (await world.witness.footprint(world.owner.tenantId));
  verdict.none("what another has under way is not there", wrong, chosen.length);
  verdict.check("and is not touched", isUntouched, `${world.witness.tableCount} tables`);
  verdict.none("and its owner goes on with it", await goOn(world, placed, holdings), all.length);
  done["cells of what is under way"] = chosen.length;
  order.progress(`under way: ${chosen.length}, ${wrong.length} wrong`);
}

async function tryTimes({ world, desk, verdict, order, done }: Run, cells: readonly Cell[]): Promise<void> {
  const random = randomFrom(order.seed);
  const wrong = await timeRoads(world, cells, { pairs: order.pairs, random, desk }, order.progress);
  verdict.none(`the time of an answer tells nothing, by ${order.pairs} pairs a road`, wrong, cells.length);
  done["roads timed"] = cells.length;
}

/** Counts cells by their axes, for the documentation. */
export function everyCell(): readonly Cell[] {
  return attemptsFor(placedOperations(operations)).flatMap(cellsOf);
}
