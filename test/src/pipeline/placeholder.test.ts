import { test } from "tap";
import { UniqueIdentifier } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { Placeholder } from "#src/pipeline/placeholder.js";

const named = (operation: number) => ({ kind: "placeholder", operation }) as const;
const nth = (index: number) => ({ kind: "batch-item", index }) as const;

test("an empty placeholder names nothing", async (t) => {
  t.throws(() => new Placeholder().resolve(undefined), KmipError);
  t.throws(() => new Placeholder().resolve(nth(0)), KmipError);
});

test("an identifier names itself", async (t) => {
  t.equal(new Placeholder().resolve({ kind: "identifier", identifier: "a" }), "a");
});

test("the latest value stands, null empties it, and undefined leaves it", async (t) => {
  const placeholder = new Placeholder();
  placeholder.itemDone({ current: "a" }, ["a"]);
  placeholder.itemDone({ current: "b" }, ["b"]);
  placeholder.itemDone({}, []);
  t.equal(placeholder.resolve(undefined), "b");
  t.equal(placeholder.resolve(named(UniqueIdentifier.IDPlaceholder)), "b");
  placeholder.itemDone({ current: null }, []);
  t.throws(() => placeholder.resolve(undefined), KmipError);
});

test("a failure empties everything but the identifiers that were told", async (t) => {
  const placeholder = new Placeholder();
  placeholder.itemDone({ current: "a", named: new Map([[UniqueIdentifier.Create, "a"]]) }, ["a"]);
  t.equal(placeholder.resolve(named(UniqueIdentifier.Create)), "a");
  placeholder.itemFailed();
  t.throws(() => placeholder.resolve(undefined), KmipError);
  t.throws(() => placeholder.resolve(named(UniqueIdentifier.Create)), KmipError);
  t.equal(placeholder.resolve(nth(0)), "a");
});

test("identifiers are counted over the whole response, from either end", async (t) => {
  const placeholder = new Placeholder();
  placeholder.itemDone({}, ["a", "b"]);
  placeholder.itemDone({}, ["c"]);
  t.strictSame(
    [0, 1, 2, -1, -3].map((index) => placeholder.resolve(nth(index))),
    ["a", "b", "c", "c", "a"],
  );
  t.throws(() => placeholder.resolve(nth(3)), KmipError);
});
