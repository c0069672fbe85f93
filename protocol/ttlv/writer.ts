import { isTagInRange } from "../tags.js";
import { bigIntegerLength } from "./big-integers.js";
import { EncodedStructure } from "./encoded-structure.js";
import { TtlvError, TtlvErrorCode } from "./error.js";
import { type Item, ItemType, type Primitive } from "./item.js";
import { headerBytes, headerLayout, paddedLength, valueLayouts } from "./layouts.js";
import { defaultTtlvLimits } from "./limits.js";

const longest = 2 ** 32 - 1;

/** A surrogate without its other half: such a string has no UTF-8 form. */
const loneSurrogate = /\p{Surrogate}/u;

/** The first pass: notes the length of every value, in the order in which the items are written. */
class Measure {
  readonly lengths: number[] = [];

  /** Gives the bytes that the item takes, header and padding included. */
  item(item: Item, depth: number): number {
    if (!isTagInRange(item.tag)) throw new TtlvError(TtlvErrorCode.BadTag, 0, "The tag is in no range");
    const place = this.lengths.length;
    this.lengths.push(0);
    const length = this.valueBytes(item, depth);
    if (length > longest) throw new TtlvError(TtlvErrorCode.TooLarge, 0, "An item is longer than 2^32 - 1 bytes");
    this.lengths[place] = length;
    return headerBytes + paddedLength(length);
  }

  private valueBytes(item: Item, depth: number): number {
    if (item.type !== ItemType.Structure) return valueLength(item);
    if (depth >= defaultTtlvLimits.maximumDepth) {
      throw new TtlvError(TtlvErrorCode.TooDeep, 0, `Depth may be ${defaultTtlvLimits.maximumDepth}`);
    }
    return item instanceof EncodedStructure ? item.encoded.length : this.items(item.value, depth);
  }

  /** Gives the bytes that items take, one behind the other. */
  items(items: readonly Item[], depth: number): number {
    let length = 0;
    for (const item of items) length += this.item(item, depth + 1);
    return length;
  }
}

function textLength(value: string): number {
  const length = Buffer.byteLength(value, "utf8");
  if (length !== value.length && loneSurrogate.test(value)) {
    throw new TtlvError(TtlvErrorCode.BadText, 0, "A Text String holds half a surrogate pair");
  }
  return length;
}

function checkRange(value: number | bigint, low: number | bigint, high: number | bigint): void {
  if (value < low || value > high || (typeof value === "number" && !Number.isInteger(value))) {
    throw new TtlvError(TtlvErrorCode.OutOfRange, 0, "A number does not fit its item type");
  }
}

const signed64Low = -(2n ** 63n);
const signed64High = 2n ** 63n - 1n;

function valueLength(item: Primitive): number {
  switch (item.type) {
    case ItemType.Integer:
      checkRange(item.value, -(2 ** 31), 2 ** 31 - 1);
      return 4;
    case ItemType.Enumeration:
    case ItemType.Interval:
      checkRange(item.value, 0, 2 ** 32 - 1);
      return 4;
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
      checkRange(item.value, signed64Low, signed64High);
      return 8;
    case ItemType.Boolean:
      return 8;
    case ItemType.BigInteger:
      return bigIntegerLength(item.value);
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return textLength(item.value);
    case ItemType.ByteString:
      return item.value.length;
  }
}

function writeValue(item: Primitive, buffer: Buffer, offset: number): void {
  switch (item.type) {
    case ItemType.Integer:
    case ItemType.Enumeration:
    case ItemType.Interval:
      valueLayouts[item.type].encode(item.value, buffer, offset);
      return;
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
    case ItemType.BigInteger:
      valueLayouts[item.type].encode(item.value, buffer, offset);
      return;
    case ItemType.Boolean:
      valueLayouts[item.type].encode(item.value, buffer, offset);
      return;
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      valueLayouts[item.type].encode(item.value, buffer, offset);
      return;
    case ItemType.ByteString:
      valueLayouts[item.type].encode(item.value, buffer, offset);
  }
}

/** The second pass: writes headers and values into a buffer of zeros, so that padding needs no writing. */
class Writer {
  private position = 0;
  private next = 0;

  constructor(
    private readonly buffer: Buffer,
    private readonly lengths: readonly number[],
  ) {}

  item(item: Item): void {
    const length = this.lengths[this.next] ?? 0;
    this.next += 1;
    this.position += headerLayout.encode({ tag: item.tag, type: item.type, length }, this.buffer, this.position);
    if (item instanceof EncodedStructure) {
      this.position += this.buffer.write(item.encoded, this.position, "latin1");
    } else if (item.type === ItemType.Structure) {
      for (const child of item.value) this.item(child);
    } else {
      writeValue(item, this.buffer, this.position);
      this.position += paddedLength(length);
    }
  }
}

/** The bytes that an item takes as TTLV, header and padding included. Throws TtlvError as `encodeItem` does. */
export function encodedLength(item: Item): number {
  return new Measure().item(item, 0);
}

/**
 * Writes an item as TTLV (KMIP 2.1 §9.1), in one allocation. A Big Integer takes the fewest bytes the rules allow.
 *
 * @throws TtlvError `bad-tag`, `out-of-range` or `bad-text` when a value does not fit its type, `too-deep` when structures nest
 * deeper than a message may, `too-large` when a length does not fit into four bytes.
 */
export function encodeItem(item: Item): Buffer {
  return encodeItems([item]);
}

/** Writes items one behind the other, as they stand in a structure. Throws TtlvError as `encodeItem` does. */
export function encodeItems(items: readonly Item[]): Buffer {
  const measure = new Measure();
  const buffer = Buffer.alloc(measure.items(items, -1));
  const writer = new Writer(buffer, measure.lengths);
  for (const item of items) writer.item(item);
  return buffer;
}
