import t from "tap";
import { type LongRead, LongReads } from "#storage/threads/long-reads.js";

const asker = "tenant";

/** Does reads of one asker, each of which needs so many pieces, and gives the order in which they end. */
function orderOfEnds(atOnce: number, needed: readonly number[]): readonly number[] {
  const long = new LongReads<LongRead>(atOnce);
  const ends: number[] = [];
  const turns: LongRead[] = needed.map((_pieces, id) => ({ id, asker, pieces: 0 }));
  for (let read = turns.shift(); read !== undefined; read = turns.shift()) {
    const pieces = read.pieces + 1;
    const isDone = pieces >= (needed[read.id] ?? 0);
    if (isDone) ends.push(read.id);
    const next = isDone ? long.ended(asker, read.id) : long.goOn({ ...read, pieces });
    if (next !== undefined) turns.push(next);
  }
  return ends;
}

t.test("long reads of one asker end one after the other, and short ones before them", async (t) => {
  t.same(orderOfEnds(1, [5, 5, 1, 5]), [2, 0, 1, 3]);
});

t.test("as many take turns as may", async (t) => {
  t.same(orderOfEnds(2, [9, 3, 3]), [1, 2, 0]);
});

t.test("a very long read makes way for the others after each twenty pieces", async (t) => {
  t.same(orderOfEnds(1, [1000, 15, 15]), [1, 2, 0]);
  t.same(orderOfEnds(1, [1000, 35, 15]), [2, 1, 0]);
});

t.test("all reads end, whatever their lengths", async (t) => {
  const needed = Array.from({ length: 40 }, (_read, id) => 1 + ((id * 37) % 90));
  for (const atOnce of [1, 2, 5]) t.same(new Set(orderOfEnds(atOnce, needed)), new Set(needed.keys()));
});
