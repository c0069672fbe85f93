import fc from "fast-check";
import t from "tap";
import { FairQueue } from "#storage/fair-queue.js";

t.test("askers take turns, and what each has keeps its order", async (t) => {
  const queue = new FairQueue<string>();
  for (const value of ["a1", "a2", "a3", "b1", "c1", "c2"]) queue.push(value.slice(0, 1), value);
  t.same(queue.take(10), ["a1", "b1", "c1", "a2", "c2", "a3"]);
  t.equal(queue.shift(), undefined);
});

t.test("an asker that comes back comes last", async (t) => {
  const queue = new FairQueue<string>();
  queue.push("a", "a1");
  queue.push("b", "b1");
  queue.push("b", "b2");
  t.equal(queue.shift(), "a1");
  queue.push("a", "a2");
  t.same(queue.take(3), ["b1", "a2", "b2"]);
});

t.test("an asker who is told to comes last, and one of whom nothing waits stays away", async (t) => {
  const queue = new FairQueue<string>();
  for (const value of ["a1", "a2", "b1", "c1"]) queue.push(value.slice(0, 1), value);
  queue.comesLast("a");
  queue.comesLast("d");
  t.same(queue.take(10), ["b1", "c1", "a1", "a2"]);
});

t.test("of one asker the newest can be taken back, and the heaviest is told", async (t) => {
  const queue = new FairQueue<number>();
  queue.push("light", 1);
  for (const value of [2, 3, 4]) queue.push("heavy", value);
  t.equal(queue.heaviest(), "heavy");
  t.equal(queue.popOf("heavy"), 4);
  t.equal(queue.shiftOf("heavy"), 2);
  t.equal(queue.popOf("nobody"), undefined);
  t.same(
    [...queue.heads()],
    [
      ["light", 1],
      ["heavy", 3],
    ],
  );
});

t.test("whatever is done to it, nothing is lost, nothing comes twice, and orders are kept", async (t) => {
  const asker = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), asker }),
    fc.record({ kind: fc.constantFrom("shift" as const, "shiftOf" as const, "popOf" as const), asker }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new FairQueue<string>();
      const model = new Map<string, string[]>();
      let number = 0;
      for (const { kind, asker } of steps) {
        const line = model.get(asker) ?? [];
        if (kind === "push") {
          number += 1;
          queue.push(asker, `${asker}${number}`);
          model.set(asker, [...line, `${asker}${number}`]);
        } else if (kind === "shift") {
          const taken = queue.shift();
          const expected = taken === undefined ? [] : (model.get(taken.slice(0, 1)) ?? []);
          if (taken !== expected[0]) return false;
          if (taken !== undefined) model.set(taken.slice(0, 1), expected.slice(1));
        } else {
          const taken = kind === "shiftOf" ? queue.shiftOf(asker) : queue.popOf(asker);
          if (taken !== (kind === "shiftOf" ? line[0] : line.at(-1))) return false;
          model.set(asker, kind === "shiftOf" ? line.slice(1) : line.slice(0, -1));
        }
        const lengths = [...model.values()].map(({ length }) => length);
        if (queue.length !== lengths.reduce((sum, length) => sum + length, 0)) return false;
        if (queue.askers !== lengths.filter((length) => length > 0).length) return false;
      }
      return true;
    }),
    { numRuns: 300 },
  );
  t.pass();
});
