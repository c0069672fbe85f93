import fc from "fast-check";
import { test } from "tap";
import { locatedResponse, locateResponse } from "#protocol/payloads/locate.js";
import { Tag } from "#protocol/tags.js";
import { EncodedStructure } from "#protocol/ttlv/encoded-structure.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { joinedTextItems, textItems, textsIn } from "#protocol/ttlv/text-items.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";

const listsOfTexts = fc.array(fc.array(fc.string({ unit: "grapheme" })));

const counts = fc.record({ locatedItems: fc.nat(2 ** 31 - 1) }, { requiredKeys: [] });

test("texts that were written as items, joined or not, are read as they were", async (t) => {
  fc.assert(
    fc.property(listsOfTexts, (lists) => {
      const joined = joinedTextItems(lists.map((texts) => textItems(Tag.UniqueIdentifier, texts)));
      t.strictSame([...textsIn(joined)], lists.flat());
      t.equal(joined.count, lists.flat().length);
    }),
  );
});

test("a response to Locate has the same bytes, whether its identifiers are texts or items", async (t) => {
  fc.assert(
    fc.property(fc.array(fc.string()), counts, (texts, count) => {
      const plain = { ...count, uniqueIdentifiers: texts };
      const encoded = { ...count, uniqueIdentifiers: textItems(Tag.UniqueIdentifier, texts) };
      const [expected, given] = [
        locateResponse.encode(Tag.ResponsePayload, plain, { version: V2_1 }),
        locatedResponse.encode(Tag.ResponsePayload, encoded, { version: V2_1 }),
      ];
      t.strictSame(encodeItem(given), encodeItem(expected));
      t.strictSame(given.value, expected.value, "and one who looks at the items sees the same");
      t.strictSame(locatedResponse.decode(given, { version: V2_1 }), encoded);
    }),
  );
});

test("a structure that is written already is written among others, and what is taken out of a copy is out", async (t) => {
  const { encoded } = textItems(Tag.UniqueIdentifier, ["first", "second"]);
  const structure = new EncodedStructure(Tag.ResponsePayload, encoded);
  const outer = { tag: Tag.BatchItem, type: structure.type, value: [structure, structure] };
  t.strictSame(decodeItem(encodeItem(outer)), {
    ...outer,
    value: outer.value.map(({ tag, type, value }) => ({ tag, type, value })),
  });
  const shortened = { ...structure, value: structure.value.slice(1) };
  t.match(decodeItem(encodeItem(shortened)), { value: [{ value: "second" }] });
  t.equal(encodeItem(shortened).includes("first"), false);
  t.match(decodeItem(encodeItem({ ...structure, tag: Tag.RequestPayload })), { value: [{ value: "first" }, {}] });
});
