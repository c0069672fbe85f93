/** Which cells of a matrix are tried where not all can be. */
import { type Axis, axes } from "./cell.js";

/** A cell as far as choosing goes. */
export type Chosen = Readonly<Record<Axis, string | number>>;

/** Numbers between 0 and 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A list in an order that follows from the numbers. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const order = [...list];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const moved = order[last] as T;
    order[last] = order[other] as T;
    order[other] = moved;
  }
  return order;
}

function pairsOf(cell: Chosen): readonly string[] {
  const values = axes.map((axis) => `${axis}=${cell[axis]}`);
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} ${other}`));
}

/**
 * So many cells that as many pairs of values of two axes as possible are among them; all of them where there are not
 * more. The order of the cells stays.
 */
export function pairwise<T extends Chosen>(cells: readonly T[], wanted: number, random: () => number): readonly T[] {
  if (cells.length <= wanted) return cells;
  const covered = new Set<string>();
  const chosen = new Set<T>();
  // The more pairs a cell must add, the fewer are taken: first those that add most.
  for (const least of [12, 6, 3, 1, 0]) {
    for (const cell of shuffled(cells, random)) {
      if (chosen.size >= wanted) break;
      const fresh = chosen.has(cell) ? [] : pairsOf(cell).filter((pair) => !covered.has(pair));
      if (chosen.has(cell) || fresh.length < least) continue;
      chosen.add(cell);
      for (const pair of fresh) covered.add(pair);
    }
  }
  return cells.filter((cell) => chosen.has(cell));
}

/** How many of the pairs of values that all cells have are among some. */
export function coverage(
  all: readonly Chosen[],
  some: readonly Chosen[],
): { readonly pairs: number; readonly of: number } {
  const covered = new Set(some.flatMap(pairsOf));
  return { pairs: covered.size, of: new Set(all.flatMap(pairsOf)).size };
}

/** How many cells have each value of an axis, most first. */
export function countsBy(cells: readonly Chosen[], axis: Axis): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(String(cell[axis]), (counts.get(String(cell[axis])) ?? 0) + 1);
  return new Map([...counts].sort(([, one], [, other]) => other - one));
}
