import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { TtlvError } from "#protocol/ttlv/error.js";
import { messageLength } from "#protocol/ttlv/header.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { anyItem } from "#test/support/items.js";

t.test("whatever is written is read back the same", async () => {
  fc.assert(
    fc.property(anyItem, (item) => isDeepStrictEqual(decodeItem(encodeItem(item)), item)),
    { numRuns: 2000 },
  );
});

/** Whether bytes are refused as they should be, or accepted and have no other encoding but a shorter Big Integer. */
function roundTrips(bytes: Buffer): boolean {
  try {
    const item = decodeItem(bytes);
    const again = encodeItem(item);
    return again.length < bytes.length ? isDeepStrictEqual(decodeItem(again), item) : again.equals(bytes);
  } catch (error) {
    return error instanceof TtlvError;
  }
}

t.test("random bytes are read or refused with a TtlvError, never otherwise", async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => roundTrips(Buffer.from(bytes))),
    { numRuns: 20_000 },
  );
});

t.test("a message with bytes changed is read or refused with a TtlvError, never otherwise", async () => {
  const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(anyItem, fc.array(change, { minLength: 1, maxLength: 4 }), (item, changes) => {
      const bytes = encodeItem(item);
      for (const [place, value] of changes) bytes[place % bytes.length] = value;
      return roundTrips(bytes);
    }),
    { numRuns: 5000 },
  );
});

t.test("a message cut anywhere is refused with a TtlvError", async () => {
  fc.assert(
    fc.property(anyItem, fc.nat(), (item, place) => {
      const bytes = encodeItem(item);
      try {
        decodeItem(bytes.subarray(0, place % bytes.length));
        return false;
      } catch (error) {
        return error instanceof TtlvError;
      }
    }),
    { numRuns: 2000 },
  );
});

t.test("the length taken from the header is the length of the message", async () => {
  const structures = anyItem.filter((item) => item.type === ItemType.Structure);
  fc.assert(
    fc.property(structures, (item) => {
      const bytes = encodeItem(item);
      return messageLength(bytes) === bytes.length;
    }),
  );
});
