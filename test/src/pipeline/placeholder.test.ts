import { test } from "tap";
import { Data, UniqueIdentifier } from "#protocol/enums/index.js";
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
  placeholder.itemDone({ values: { current: "a" }, identifiers: () => ["a"] });
  placeholder.itemDone({ values: { current: "b" }, identifiers: () => ["b"] });
  placeholder.itemDone({ values: {}, identifiers: () => [] });
  t.equal(placeholder.resolve(undefined), "b");
  t.equal(placeholder.resolve(named(UniqueIdentifier.IDPlaceholder)), "b");
  placeholder.itemDone({ values: { current: null }, identifiers: () => [] });
  t.throws(() => placeholder.resolve(undefined), KmipError);
});

test("a failure empties everything but the identifiers that were told", async (t) => {
  const placeholder = new Placeholder();
  placeholder.itemDone({
    values: { current: "a", named: new Map([[UniqueIdentifier.Create, "a"]]) },
    identifiers: () => ["a"],
  });
  t.equal(placeholder.resolve(named(UniqueIdentifier.Create)), "a");
  placeholder.itemFailed();
  t.throws(() => placeholder.resolve(undefined), KmipError);
  t.throws(() => placeholder.resolve(named(UniqueIdentifier.Create)), KmipError);
  t.equal(placeholder.resolve(nth(0)), "a");
});

test("identifiers are counted over the whole response, from either end", async (t) => {
  const placeholder = new Placeholder();
  placeholder.itemDone({ values: {}, identifiers: () => ["a", "b"] });
  placeholder.itemDone({ values: {}, identifiers: () => ["c"] });
  t.strictSame(
    [0, 1, 2, -1, -3].map((index) => placeholder.resolve(nth(index))),
    ["a", "b", "c", "c", "a"],
  );
  t.throws(() => placeholder.resolve(nth(3)), KmipError);
});

test("Data are named by the operation that gave them, or counted over the whole response", async (t) => {
  const { data } = new Placeholder();
  const [first, second] = [Buffer.from("first"), Buffer.from("second")];
  data.itemDone({ output: { reference: Data.Encrypt, value: first }, told: () => [first] });
  data.itemDone({ output: { reference: Data.MACMACData, value: second }, told: () => [] });
  t.equal(data.resolve(named(Data.Encrypt)), first);
  t.equal(data.resolve(named(Data.MACMACData)), second);
  t.equal(data.resolve(nth(-1)), first);
  t.throws(() => data.resolve(nth(1)), KmipError);
  t.throws(() => data.resolve(named(Data.Hash)), KmipError);
});

test("a failure forgets the Data that were named, and what is kept for later holds the same", async (t) => {
  const placeholder = new Placeholder();
  const value = Buffer.from("value");
  placeholder.itemDone({
    values: {},
    identifiers: () => [],
    data: { output: { reference: Data.Decrypt, value }, told: () => [value] },
  });
  const later = Placeholder.from(placeholder.snapshot());
  t.same(later.data.resolve(named(Data.Decrypt)), value);
  placeholder.itemFailed();
  t.throws(() => placeholder.data.resolve(named(Data.Decrypt)), KmipError);
  t.equal(placeholder.data.resolve(nth(0)), value);
});
