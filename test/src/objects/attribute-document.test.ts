import fc from "fast-check";
import t from "tap";
import { readAttributeDocument, toCanonicalText, writeAttributeDocument } from "#src/objects/attribute-document.js";
import { AttributeSet } from "#src/objects/attribute-set.js";

const scalar = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.string(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const field = fc.stringMatching(/^[a-z][A-Za-z]{0,8}$/);
const value = fc.oneof(
  scalar,
  fc.dictionary(field, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { noNullPrototype: true }),
);
const instances = fc.array(fc.tuple(fc.stringMatching(/^[A-Z][a-z -]{0,12}$/), value), { maxLength: 12 });

function setOf(list: readonly (readonly [string, unknown])[]): AttributeSet {
  return list.reduce((set, [name, each]) => set.adding(name, each), new AttributeSet());
}

t.test("reading what was written gives the same attributes, bytes and 64-bit numbers included", async (t) => {
  fc.assert(
    fc.property(instances, (list) => {
      const set = setOf(list);
      const read = readAttributeDocument(writeAttributeDocument(set));
      for (const name of set.names()) t.same(read.instances(name), set.instances(name));
      return read.names().length === set.names().length;
    }),
    { numRuns: 200 },
  );
});

t.test("the order in which attributes were set does not show in the document", async (t) => {
  const one = setOf([
    ["Name", "a"],
    ["Comment", "b"],
  ]);
  const other = setOf([
    ["Comment", "b"],
    ["Name", "a"],
  ]);
  t.equal(writeAttributeDocument(one), writeAttributeDocument(other));
});

t.test("equal values give equal text whatever the order of their fields, and different ones do not", async (t) => {
  t.equal(toCanonicalText({ a: 1, b: Buffer.from("x") }), toCanonicalText({ b: Buffer.from("x"), a: 1 }));
  t.not(toCanonicalText(1n), toCanonicalText("1n"));
  t.not(toCanonicalText({ a: 1 }), toCanonicalText({ a: 2 }));
});

t.test("an instance keeps its index when one before it goes, and a new one takes the next", async (t) => {
  const set = setOf([
    ["Name", "a"],
    ["Name", "b"],
    ["Name", "c"],
  ])
    .without("Name", 1)
    .adding("Name", "d");
  t.same(set.instances("Name"), [
    { index: 0, value: "a" },
    { index: 2, value: "c" },
    { index: 3, value: "d" },
  ]);
});
