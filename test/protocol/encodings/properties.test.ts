import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { EncodingError } from "#protocol/encodings/error.js";
import { itemFromJson, itemToJson } from "#protocol/encodings/json.js";
import { itemToText } from "#protocol/encodings/text.js";
import { itemFromXml, itemToXml } from "#protocol/encodings/xml.js";
import type { Item } from "#protocol/ttlv/item.js";
import { anyItem } from "#test/support/items.js";

t.test("whatever is written as JSON is read back the same", async () => {
  fc.assert(
    fc.property(anyItem, (item) => isDeepStrictEqual(itemFromJson(itemToJson(item)), item)),
    { numRuns: 1000 },
  );
});

/** Whether XML gives the item back, or says that it cannot hold one of its texts. */
function survivesXml(item: Item): boolean {
  try {
    return isDeepStrictEqual(itemFromXml(itemToXml(item)), item);
  } catch (error) {
    return error instanceof EncodingError && error.code === "inexpressible";
  }
}

t.test("whatever is written as XML is read back the same", async () => {
  fc.assert(fc.property(anyItem, survivesXml), { numRuns: 1000 });
});

/** Whether a text is read or refused with the error made for that. */
function readsOrRefuses(read: (text: string) => Item, text: string): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    return error instanceof EncodingError;
  }
}

const fragments = fc.constantFrom(
  ...[
    "<RequestMessage",
    "</RequestMessage>",
    "<TTLV tag=",
    '"0x420001"',
    ' type="Integer"',
    ' value="1"',
    "/>",
    ">",
    "&",
    "<!--",
  ],
  ...['{"tag":', '"BatchCount"', ',"value":', "[", "]", "}", '"0x', "1e400", "null", ',"type":"Enumeration"'],
);

t.test("random text is read or refused with an EncodingError, never otherwise", async () => {
  const text = fc
    .array(fc.oneof(fragments, fc.string({ maxLength: 10 })), { maxLength: 12 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (input) => readsOrRefuses(itemFromXml, input) && readsOrRefuses(itemFromJson, input)),
    { numRuns: 10_000 },
  );
});

t.test("a message with characters changed is read or refused with an EncodingError, never otherwise", async () => {
  const change = fc.tuple(fc.nat(), fc.string({ minLength: 1, maxLength: 2 }));
  const damaged = (text: string, [place, other]: readonly [number, string]) =>
    text.slice(0, place % text.length) + other + text.slice((place % text.length) + 1);
  const messages = anyItem.filter(survivesXml);
  fc.assert(
    fc.property(messages, change, (item, how) => {
      const json = readsOrRefuses(itemFromJson, damaged(itemToJson(item), how));
      return json && readsOrRefuses(itemFromXml, damaged(expressible(item), how));
    }),
    { numRuns: 1000 },
  );
});

/** The item as XML, or another message where XML cannot hold it. */
function expressible(item: Item): string {
  try {
    return itemToXml(item);
  } catch {
    return "<RequestMessage/>";
  }
}

t.test("every item has a text form, within its limit of lines", async () => {
  fc.assert(
    fc.property(
      anyItem,
      (item) => itemToText(item, { maximumLines: 5, maximumTextLength: 10 }).split("\n").length <= 6,
    ),
  );
});
