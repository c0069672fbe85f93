import t from "tap";
import { textString } from "#protocol/schema/codec.js";
import { optional, structure } from "#protocol/schema/structure.js";
import { Tag } from "#protocol/tags.js";
import { operations } from "#src/operations/index.js";
import { resultOf } from "#test/harness/output.js";
import { coverage, pairwise, randomFrom } from "./choosing.js";
import { placedOperations } from "./places.js";
import { everyCell } from "./run.js";

t.setTimeout(550_000);

t.test("a pairwise choice of the matrix finds nothing of others", async (t) => {
  const args = ["--cells", "380", "--holdings", "40", "--handles", "600"];
  const { checks, done, passed, seed } = await resultOf("torture/isolation", args);
  for (const { name, holds, figure } of checks) t.ok(holds, `${name}: ${figure} (seed ${seed})`);
  t.ok(passed);
  const cells = Object.entries(done).filter(([name]) => name.startsWith("cells"));
  t.ok(cells.reduce((sum, [, count]) => sum + count, 0) >= 400);
});

t.test("the whole matrix has thousands of cells, of every operation that names an object", (t) => {
  const cells = everyCell();
  t.ok(cells.length >= 3000, `${cells.length} cells`);
  const tried = new Set(cells.map(({ operation }) => operation));
  for (const { name, target } of operations) if (target !== undefined) t.ok(tried.has(name), name);
  t.end();
});

t.test("a new operation with a field that nobody knows ends the matrix", (t) => {
  const [first] = operations;
  if (first === undefined) throw new RangeError("there are operations");
  const asking = (tag: number) => ({
    ...first,
    name: "New",
    request: structure("New", { some: optional(tag, textString) }),
  });
  t.throws(() => placedOperations([asking(Tag.NameValue)]), /New some/);
  const [placed] = placedOperations([asking(Tag.UniqueIdentifier)]);
  t.match(placed?.places, [{ path: ["some"], naming: "identifier" }]);
  t.end();
});

t.test("a choice covers more pairs than chance, and follows from its seed", (t) => {
  const cells = everyCell();
  const chosen = pairwise(cells, 300, randomFrom(7));
  t.equal(chosen.length, 300);
  t.same(pairwise(cells, 300, randomFrom(7)), chosen);
  const byChance = cells.filter((_cell, place) => place % Math.floor(cells.length / 300) === 0);
  t.ok(coverage(cells, chosen).pairs > coverage(cells, byChance).pairs);
  t.end();
});
