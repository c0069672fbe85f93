import t from "tap";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { structure } from "#test/support/items.js";

const tag = 0x420020;

/** The examples of KMIP 1.0 §9.1.2 (the same in every later edition), and values at the borders of each type. */
const examples: readonly (readonly [name: string, item: Item, bytes: string])[] = [
  ["Integer 8", { tag, type: ItemType.Integer, value: 8 }, "4200200200000004 0000000800000000"],
  [
    "Long Integer 123456789000000000",
    { tag, type: ItemType.LongInteger, value: 123456789000000000n },
    "4200200300000008 01B69B4BA5749200",
  ],
  [
    "Big Integer 1234567890000000000000000000",
    { tag, type: ItemType.BigInteger, value: 1234567890000000000000000000n },
    "4200200400000010 0000000003FD35EB 6BC2DF4618080000",
  ],
  ["Enumeration 255", { tag, type: ItemType.Enumeration, value: 255 }, "4200200500000004 000000FF00000000"],
  ["Boolean true", { tag, type: ItemType.Boolean, value: true }, "4200200600000008 0000000000000001"],
  [
    'Text String "Hello World"',
    { tag, type: ItemType.TextString, value: "Hello World" },
    "420020070000000B 48656C6C6F20576F 726C640000000000",
  ],
  [
    "Byte String 010203",
    { tag, type: ItemType.ByteString, value: Buffer.from("010203", "hex") },
    "4200200800000003 0102030000000000",
  ],
  [
    "Date-Time 14 March 2008, 11:56:40 GMT",
    { tag, type: ItemType.DateTime, value: BigInt(Date.UTC(2008, 2, 14, 11, 56, 40) / 1000) },
    "4200200900000008 0000000047DA67F8",
  ],
  ["Interval of ten days", { tag, type: ItemType.Interval, value: 864000 }, "4200200A00000004 000D2F0000000000"],
  [
    "Structure of an Enumeration 254 and an Integer 255",
    structure(
      tag,
      { tag: 0x420004, type: ItemType.Enumeration, value: 254 },
      { tag: 0x420005, type: ItemType.Integer, value: 255 },
    ),
    "4200200100000020 4200040500000004 000000FE00000000 4200050200000004 000000FF00000000",
  ],
  ["Integer -1", { tag, type: ItemType.Integer, value: -1 }, "4200200200000004 FFFFFFFF00000000"],
  ["Boolean false", { tag, type: ItemType.Boolean, value: false }, "4200200600000008 0000000000000000"],
  ["empty Text String", { tag, type: ItemType.TextString, value: "" }, "4200200700000000"],
  ["empty Byte String", { tag, type: ItemType.ByteString, value: Buffer.alloc(0) }, "4200200800000000"],
  ["empty Structure", structure(tag), "4200200100000000"],
  ["Interval 2^32-1", { tag, type: ItemType.Interval, value: 2 ** 32 - 1 }, "4200200A00000004 FFFFFFFF00000000"],
  ["Date-Time Extended 1", { tag, type: ItemType.DateTimeExtended, value: 1n }, "4200200B00000008 0000000000000001"],
  [
    "Long Integer 0x7fffffffffffff01, which no double holds",
    { tag, type: ItemType.LongInteger, value: 0x7fffffffffffff01n },
    "4200200300000008 7FFFFFFFFFFFFF01",
  ],
  ["Big Integer 0", { tag, type: ItemType.BigInteger, value: 0n }, "4200200400000008 0000000000000000"],
  ["Big Integer -1", { tag, type: ItemType.BigInteger, value: -1n }, "4200200400000008 FFFFFFFFFFFFFFFF"],
  [
    "Big Integer 2^63-1",
    { tag, type: ItemType.BigInteger, value: 2n ** 63n - 1n },
    "4200200400000008 7FFFFFFFFFFFFFFF",
  ],
  [
    "Big Integer 2^63",
    { tag, type: ItemType.BigInteger, value: 2n ** 63n },
    "4200200400000010 0000000000000000 8000000000000000",
  ],
  ["Big Integer -2^63", { tag, type: ItemType.BigInteger, value: -(2n ** 63n) }, "4200200400000008 8000000000000000"],
  [
    "Big Integer -2^63-1",
    { tag, type: ItemType.BigInteger, value: -(2n ** 63n) - 1n },
    "4200200400000010 FFFFFFFFFFFFFFFF 7FFFFFFFFFFFFFFF",
  ],
  [
    "Text String outside ASCII",
    { tag, type: ItemType.TextString, value: "Schlüssel" },
    "420020070000000A 5363686CC3BC7373 656C000000000000",
  ],
];

for (const [name, item, hex] of examples) {
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
  t.test(`${name} is written as the specification's bytes`, async (t) => {
    t.equal(encodeItem(item).toString("hex"), bytes.toString("hex"));
  });
  t.test(`${name} is read from the specification's bytes`, async (t) => {
    t.strictSame(decodeItem(bytes), item);
  });
}

t.test("a Big Integer longer than it needs to be is read, and written short", async (t) => {
  const item = decodeItem(Buffer.from("42002004000000100000000000000000000000000000002A", "hex"));
  t.equal(item.value, 42n);
  t.equal(encodeItem(item).toString("hex"), "4200200400000008000000000000002a");
});

t.test("a Byte String shares the memory of the message", async (t) => {
  const message = Buffer.from("42002008000000030102030000000000", "hex");
  const { value } = decodeItem(message);
  message[8] = 0xff;
  t.same(value, Buffer.from("ff0203", "hex"));
});
