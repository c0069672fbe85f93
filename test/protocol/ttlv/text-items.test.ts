import { deepStrictEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { test } from "tap";
import { locateAnswer, locateResponse } from "#protocol/payloads/locate.js";
import { Tag } from "#protocol/tags.js";
import { EncodedStructure } from "#protocol/ttlv/encoded-structure.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { defaultTtlvLimits } from "#protocol/ttlv/limits.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { joinedTextItems, textItems, textsIn } from "#protocol/ttlv/text-items.js";
import { encodedLength, encodeItem, encodeItems } from "#protocol/ttlv/writer.js";
import { supportedVersions } from "#protocol/versions.js";

const texts = fc.array(fc.string({ unit: "grapheme" }));
const counts = fc.record({ locatedItems: fc.nat(2 ** 31 - 1) }, { requiredKeys: [] });

test("texts that were written as items, joined or not, are read as they were", async (t) => {
  const property = fc.property(fc.array(texts), (lists) => {
    const joined = joinedTextItems(lists.map((each) => textItems(Tag.UniqueIdentifier, each)));
    deepStrictEqual([...textsIn(joined)], lists.flat());
    equal(joined.count, lists.flat().length);
  });
  t.doesNotThrow(() => fc.assert(property));
});

test("an answer to Locate has the bytes of the response, in every version, and is seen and read like it", async (t) => {
  const property = fc.property(texts, counts, fc.constantFrom(...supportedVersions), (ids, count, version) => {
    const context = { version };
    const plain = locateResponse.encode(Tag.ResponsePayload, { ...count, uniqueIdentifiers: ids }, context);
    const uniqueIdentifiers = textItems(Tag.UniqueIdentifier, ids);
    const answer = locateAnswer.encode(Tag.ResponsePayload, { ...count, uniqueIdentifiers }, context);
    deepStrictEqual(encodeItem(answer), encodeItem(plain));
    equal(encodedLength(answer), encodeItem(plain).length);
    deepStrictEqual(answer.value, plain.value);
    deepStrictEqual(locateAnswer.decode(plain, context).uniqueIdentifiers, uniqueIdentifiers);
  });
  t.doesNotThrow(() => fc.assert(property));
});

test("a structure that is written already is written among others, and what is taken out of a copy is out", async (t) => {
  const structure = new EncodedStructure(Tag.ResponsePayload, textItems(Tag.UniqueIdentifier, ["first", "é"]).encoded);
  const { tag, type, value } = structure;
  const outer = { tag: Tag.BatchItem, type, value: [structure, structure] };
  t.strictSame(decodeItem(encodeItem(outer)), {
    ...outer,
    value: [
      { tag, type, value },
      { tag, type, value },
    ],
  });
  t.strictSame(encodeItems([structure, outer]), Buffer.concat([encodeItem(structure), encodeItem(outer)]));
  const shortened = { ...structure, value: value.slice(1) };
  t.strictSame(decodeItem(encodeItem(shortened)), { tag, type, value: [{ ...value[1] }] });
  t.match(decodeItem(encodeItem({ ...structure, tag: Tag.RequestPayload })), { value: [{ value: "first" }, {}] });
});

test("it is refused as deep as another, and where its items are cut", async (t) => {
  const { encoded } = textItems(Tag.UniqueIdentifier, ["first"]);
  const within = (levels: number): Item => {
    let item: Item = new EncodedStructure(Tag.ResponsePayload, encoded);
    for (let level = 0; level < levels; level += 1)
      item = { tag: Tag.BatchItem, type: ItemType.Structure, value: [item] };
    return item;
  };
  t.doesNotThrow(() => encodeItem(within(defaultTtlvLimits.maximumDepth - 1)));
  t.throws(() => encodeItem(within(defaultTtlvLimits.maximumDepth)), TtlvError);
  t.throws(() => new EncodedStructure(Tag.ResponsePayload, encoded.slice(1)), TypeError);
});
