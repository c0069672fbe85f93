import fc from "fast-check";
import { type Item, ItemType } from "#protocol/ttlv/item.js";

/** Records with the ordinary prototype, so that they can equal what the reader makes. */
const plain = { noNullPrototype: true } as const;

const anyTag = fc.oneof(fc.integer({ min: 0x420000, max: 0x42ffff }), fc.integer({ min: 0x540000, max: 0x54ffff }));
const signed64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const unsigned32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

function valuesOf(type: ItemType): fc.Arbitrary<unknown> {
  switch (type) {
    case ItemType.Integer:
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case ItemType.Enumeration:
    case ItemType.Interval:
      return unsigned32;
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
      return signed64;
    case ItemType.BigInteger:
      return fc.oneof(signed64, fc.bigInt({ min: -(2n ** 2048n), max: 2n ** 2048n }));
    case ItemType.Boolean:
      return fc.boolean();
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return fc.string({ unit: "grapheme", maxLength: 100 });
    default:
      return fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes));
  }
}

const primitive = fc
  .constantFrom(...Object.values(ItemType).filter((type) => type !== ItemType.Structure))
  .chain((type) =>
    fc.record({ tag: anyTag, type: fc.constant(type), value: valuesOf(type) }, plain),
  ) as fc.Arbitrary<Item>;

/** Any item: every type, structures inside structures, tags of the specification and of extensions. */
export const anyItem: fc.Arbitrary<Item> = fc.letrec<{ item: Item; structure: Item }>((tie) => ({
  item: fc.oneof({ depthSize: "small", withCrossShrink: true }, primitive, tie("structure")),
  structure: fc.record(
    {
      tag: anyTag,
      type: fc.constant(ItemType.Structure),
      value: fc.array(tie("item"), { maxLength: 8 }),
    },
    plain,
  ),
})).item;

/** A structure with these items in it. */
export function structure(tag: number, ...value: readonly Item[]): Item {
  return { tag, type: ItemType.Structure, value };
}
