import t from "tap";
import { TtlvError, TtlvErrorCode } from "#protocol/ttlv/error.js";
import { messageLength, readHeader } from "#protocol/ttlv/header.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { defaultTtlvLimits } from "#protocol/ttlv/limits.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { structure } from "#test/support/items.js";

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** What the call throws, as code and offset; anything but a TtlvError fails the test by its name. */
function refusal(call: () => unknown): string {
  try {
    call();
    return "accepted";
  } catch (error) {
    return error instanceof TtlvError ? `${error.code} ${error.offset}` : `other: ${error}`;
  }
}

const malformed: readonly (readonly [what: string, hex: string, expected: string])[] = [
  ["no bytes at all", "", "truncated 0"],
  ["half a header", "42002002", "truncated 0"],
  ["a value cut short", "4200200200000004 00000008", "truncated 0"],
  ["a value without its padding", "4200200800000003 010203", "truncated 0"],
  ["a length of 2^32-1", "42002008FFFFFFFF 0102030000000000", "truncated 0"],
  ["a length of 2^31", "4200200780000000 0102030000000000", "truncated 0"],
  ["bytes after the item", "4200200600000008 0000000000000001 00", "trailing-bytes 16"],
  ["a second item", "4200200600000008 0000000000000001 4200200600000008 0000000000000001", "trailing-bytes 16"],
  ["a tag outside both ranges", "4300200600000008 0000000000000001", "bad-tag 0"],
  ["item type 0", "4200200000000000", "unknown-type 0"],
  ["item type 15", "4200200F00000000", "unknown-type 0"],
  ["an Integer of eight bytes", "4200200200000008 0000000000000001", "wrong-length 0"],
  ["a Long Integer of four bytes", "4200200300000004 0000000100000000", "wrong-length 0"],
  ["an Enumeration of no bytes", "4200200500000000", "wrong-length 0"],
  ["a Boolean of one byte", "4200200600000001 0100000000000000", "wrong-length 0"],
  ["a Date-Time of four bytes", "4200200900000004 0000000100000000", "wrong-length 0"],
  ["an Interval of eight bytes", "4200200A00000008 0000000000000001", "wrong-length 0"],
  ["an empty Big Integer", "4200200400000000", "wrong-length 0"],
  ["a Big Integer of four bytes", "4200200400000004 0000000100000000", "wrong-length 0"],
  ["a Structure whose length is no multiple of eight", "4200200100000004 0000000000000000", "wrong-length 0"],
  ["padding that is not zero behind an Integer", "4200200200000004 0000000800000001", "bad-padding 15"],
  ["padding that is not zero behind a text", "4200200700000001 4100000000000100", "bad-padding 14"],
  ["a Boolean of 2", "4200200600000008 0000000000000002", "bad-boolean 8"],
  ["a Boolean with a high bit", "4200200600000008 8000000000000001", "bad-boolean 8"],
  ["a text that is not UTF-8", "4200200700000001 FF00000000000000", "bad-text 8"],
  ["an overlong UTF-8 form", "4200200700000002 C080000000000000", "bad-text 8"],
  ["a surrogate in UTF-8", "4200200700000003 EDA0800000000000", "bad-text 8"],
  ["an item reaching beyond its structure", "4200200100000008 4200200600000008 0000000000000001", "overrun 8"],
  ["a structure reaching beyond its structure", "4200200100000008 4200200100000008 0000000000000000", "overrun 8"],
];

for (const [what, hex, expected] of malformed) {
  t.test(`${what} is refused`, async (t) => {
    t.equal(
      refusal(() => decodeItem(bytesOf(hex))),
      expected,
    );
  });
}

function nested(depth: number): Item {
  let item = structure(0x420020);
  for (let level = 1; level < depth; level += 1) item = structure(0x420020, item);
  return item;
}

/** A message of nested empty structures, written here by hand since the encoder refuses to go deeper than the limit. */
function nestedBytes(depth: number): Buffer {
  const levels = Array.from({ length: depth }, (_, level) => {
    const header = bytesOf("4200200100000000");
    header.writeUInt32BE((depth - 1 - level) * 8, 4);
    return header;
  });
  return Buffer.concat(levels);
}

t.test("a message may be exactly as deep as the limit", async (t) => {
  const { maximumDepth } = defaultTtlvLimits;
  t.equal(
    refusal(() => decodeItem(nestedBytes(maximumDepth - 1))),
    "accepted",
  );
  t.equal(
    refusal(() => decodeItem(nestedBytes(maximumDepth))),
    "accepted",
  );
  t.equal(
    refusal(() => decodeItem(nestedBytes(maximumDepth + 1))),
    `too-deep ${maximumDepth * 8}`,
  );
});

t.test("a message a hundred thousand structures deep is refused without exhausting the stack", async (t) => {
  t.match(
    refusal(() => decodeItem(nestedBytes(100_000))),
    /^too-deep/,
  );
});

t.test("a message may have exactly as many items as the limit", async (t) => {
  const message = (items: number) =>
    encodeItem(structure(0x420020, ...Array.from({ length: items - 1 }, () => structure(0x420020))));
  const { maximumItems } = defaultTtlvLimits;
  t.equal(
    refusal(() => decodeItem(message(maximumItems - 1))),
    "accepted",
  );
  t.equal(
    refusal(() => decodeItem(message(maximumItems))),
    "accepted",
  );
  t.match(
    refusal(() => decodeItem(message(maximumItems + 1))),
    /^too-many-items/,
  );
});

t.test("a message may have exactly as many bytes as the limit", async (t) => {
  const message = (bytes: number) =>
    encodeItem({ tag: 0x420020, type: ItemType.ByteString, value: Buffer.alloc(bytes - 8) });
  const { maximumBytes } = defaultTtlvLimits;
  t.equal(
    refusal(() => decodeItem(message(maximumBytes - 8))),
    "accepted",
  );
  t.equal(
    refusal(() => decodeItem(message(maximumBytes))),
    "accepted",
  );
  t.equal(
    refusal(() => decodeItem(message(maximumBytes + 8))),
    "too-large 0",
  );
});

t.test("each limit can be set for one call", async (t) => {
  const message = encodeItem(structure(0x420020, structure(0x420020)));
  t.equal(
    refusal(() => decodeItem(message, { maximumBytes: 16, maximumDepth: 2, maximumItems: 2 })),
    "accepted",
  );
  t.equal(
    refusal(() => decodeItem(message, { maximumBytes: 15 })),
    "too-large 0",
  );
  t.equal(
    refusal(() => decodeItem(message, { maximumDepth: 1 })),
    "too-deep 8",
  );
  t.equal(
    refusal(() => decodeItem(message, { maximumItems: 1 })),
    "too-many-items 8",
  );
});

const unwritable: readonly (readonly [what: string, item: Item, code: TtlvErrorCode])[] = [
  ["an Integer of 2^31", { tag: 0x420020, type: ItemType.Integer, value: 2 ** 31 }, TtlvErrorCode.OutOfRange],
  ["an Integer of 1.5", { tag: 0x420020, type: ItemType.Integer, value: 1.5 }, TtlvErrorCode.OutOfRange],
  [
    "an Integer that is not a number",
    { tag: 0x420020, type: ItemType.Integer, value: Number.NaN },
    TtlvErrorCode.OutOfRange,
  ],
  ["an Enumeration of -1", { tag: 0x420020, type: ItemType.Enumeration, value: -1 }, TtlvErrorCode.OutOfRange],
  ["an Interval of 2^32", { tag: 0x420020, type: ItemType.Interval, value: 2 ** 32 }, TtlvErrorCode.OutOfRange],
  ["a Long Integer of 2^63", { tag: 0x420020, type: ItemType.LongInteger, value: 2n ** 63n }, TtlvErrorCode.OutOfRange],
  ["half a surrogate pair", { tag: 0x420020, type: ItemType.TextString, value: "a\ud800" }, TtlvErrorCode.BadText],
  ["a tag outside both ranges", { tag: 0x430020, type: ItemType.Boolean, value: true }, TtlvErrorCode.BadTag],
  ["structures nested deeper than a message may be", nested(33), TtlvErrorCode.TooDeep],
];

for (const [what, item, code] of unwritable) {
  t.test(`${what} is not written`, async (t) => {
    t.equal(
      refusal(() => encodeItem(item)),
      `${code} 0`,
    );
  });
}

t.test("the length of a message is known from its first eight bytes", async (t) => {
  const message = encodeItem(structure(0x420078, structure(0x420077)));
  t.equal(messageLength(message.subarray(0, 7)), undefined);
  t.equal(messageLength(message.subarray(0, 8)), message.length);
  t.equal(messageLength(Buffer.concat([message, message])), message.length);
  t.equal(messageLength(bytesOf("42007801FFFFFFF8")), 2 ** 32);
});

t.test("what cannot start a message is refused from its first eight bytes", async (t) => {
  t.equal(
    refusal(() => messageLength(Buffer.from("GET / HTTP/1.1"))),
    "bad-tag 0",
  );
  t.equal(
    refusal(() => messageLength(bytesOf("4200780200000004"))),
    "not-a-structure 0",
  );
  t.equal(
    refusal(() => messageLength(bytesOf("4200780100000001"))),
    "wrong-length 0",
  );
});

t.test("a header is read at any offset", async (t) => {
  const message = bytesOf("4200200100000010 5400010600000008 0000000000000001");
  t.strictSame({ ...readHeader(message, 8) }, { tag: 0x540001, type: ItemType.Boolean, length: 8 });
  t.equal(
    refusal(() => readHeader(message, 20)),
    "truncated 20",
  );
});

t.test("an error never shows bytes of the message", async (t) => {
  try {
    decodeItem(bytesOf("4200A10700000003 73FF740000000000"));
    t.fail("accepted");
  } catch (error) {
    t.equal(String(error), "TtlvError: A Text String must be UTF-8 (bad-text at byte 8)");
  }
});
