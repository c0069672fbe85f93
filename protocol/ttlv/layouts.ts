import { isUtf8 } from "node:buffer";
import { Layout, s32be, u32be } from "buffer-layout";
import { readBigInteger, writeBigInteger } from "./big-integers.js";
import { TtlvError, TtlvErrorCode } from "./error.js";
import { ItemType } from "./item.js";

/** Bytes of an item's header: tag 3, type 1, length 4 (KMIP 2.1 §9.1.1). */
export const headerBytes = 8;

/** The header of an item. */
export interface ItemHeader {
  readonly tag: number;
  readonly type: number;
  /** Bytes of the value, padding not counted. */
  readonly length: number;
}

/** Tag and type are one number of 32 bits here: headers are the half of what is read and written. */
class HeaderLayout extends Layout<ItemHeader> {
  constructor() {
    super(headerBytes);
  }
  override decode(buffer: Buffer, offset = 0): ItemHeader {
    const tagAndType = buffer.readUInt32BE(offset);
    return { tag: tagAndType >>> 8, type: tagAndType & 0xff, length: buffer.readUInt32BE(offset + 4) };
  }
  override encode({ tag, type, length }: ItemHeader, buffer: Buffer, offset = 0): number {
    return buffer.writeUInt32BE(length, buffer.writeUInt32BE(tag * 256 + type, offset)) - offset;
  }
}

export const headerLayout = new HeaderLayout();

/** Every value starts on a multiple of this many bytes (KMIP 2.1 §9.1.1.3). */
const alignment = 8;

/** Bytes that a value of `length` bytes takes with its padding. */
export function paddedLength(length: number): number {
  const beyond = length % alignment;
  return beyond === 0 ? length : length + alignment - beyond;
}

/** A 64-bit signed number; the layouts of buffer-layout would pass it through a double. */
class Signed64Layout extends Layout<bigint> {
  constructor() {
    super(8);
  }
  override decode(buffer: Buffer, offset = 0): bigint {
    return buffer.readBigInt64BE(offset);
  }
  override encode(value: bigint, buffer: Buffer, offset = 0): number {
    return buffer.writeBigInt64BE(value, offset) - offset;
  }
}

/** A Boolean: eight bytes holding 0 or 1 (KMIP 2.1 §9.1.1.4). */
class BooleanLayout extends Layout<boolean> {
  constructor() {
    super(8);
  }
  override decode(buffer: Buffer, offset = 0): boolean {
    const low = buffer.readUInt32BE(offset + 4);
    if (buffer.readUInt32BE(offset) !== 0 || low > 1) {
      throw new TtlvError(TtlvErrorCode.BadBoolean, offset, "A Boolean must be 0 or 1");
    }
    return low === 1;
  }
  override encode(value: boolean, buffer: Buffer, offset = 0): number {
    buffer.writeUInt32BE(0, offset);
    return buffer.writeUInt32BE(value ? 1 : 0, offset + 4) - offset;
  }
}

/** A value whose length stands in the four bytes before it, as it does behind every header. */
abstract class PrecededByLengthLayout<T> extends Layout<T> {
  constructor() {
    super(-1);
  }
  override getSpan(buffer: Buffer, offset = 0): number {
    return buffer.readUInt32BE(offset - 4);
  }
}

/** Texts up to this many bytes are checked byte by byte, which is faster there than a call into the runtime. */
const shortText = 64;

function isAscii(buffer: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    if ((buffer[index] ?? 0) > 0x7f) return false;
  }
  return true;
}

class TextStringLayout extends PrecededByLengthLayout<string> {
  override decode(buffer: Buffer, offset = 0): string {
    const length = this.getSpan(buffer, offset);
    const end = offset + length;
    if (length <= shortText && isAscii(buffer, offset, end)) return buffer.toString("latin1", offset, end);
    if (!isUtf8(buffer.subarray(offset, end))) {
      throw new TtlvError(TtlvErrorCode.BadText, offset, "A Text String must be UTF-8");
    }
    return buffer.toString("utf8", offset, end);
  }
  override encode(value: string, buffer: Buffer, offset = 0): number {
    return buffer.write(value, offset, "utf8");
  }
}

class ByteStringLayout extends PrecededByLengthLayout<Buffer> {
  /** Gives a view of the message's own memory. */
  override decode(buffer: Buffer, offset = 0): Buffer {
    return buffer.subarray(offset, offset + this.getSpan(buffer, offset));
  }
  override encode(value: Buffer, buffer: Buffer, offset = 0): number {
    return value.copy(buffer, offset);
  }
}

/** A signed number in two's complement, as many bytes as its length says (KMIP 2.1 §9.1.1.4). */
class BigIntegerLayout extends PrecededByLengthLayout<bigint> {
  override decode(buffer: Buffer, offset = 0): bigint {
    return readBigInteger(buffer, offset, this.getSpan(buffer, offset));
  }
  override encode(value: bigint, buffer: Buffer, offset = 0): number {
    const length = this.getSpan(buffer, offset);
    writeBigInteger(value, buffer, offset, length);
    return length;
  }
}

const signed64 = new Signed64Layout();
const unsigned32 = u32be();
const text = new TextStringLayout();

/** How the value of each item type lies in the message, at the offset behind the header. A Structure holds items instead. */
export const valueLayouts = {
  [ItemType.Integer]: s32be(),
  [ItemType.LongInteger]: signed64,
  [ItemType.BigInteger]: new BigIntegerLayout(),
  [ItemType.Enumeration]: unsigned32,
  [ItemType.Boolean]: new BooleanLayout(),
  [ItemType.TextString]: text,
  [ItemType.Identifier]: text,
  [ItemType.Reference]: text,
  [ItemType.NameReference]: text,
  [ItemType.ByteString]: new ByteStringLayout(),
  [ItemType.DateTime]: signed64,
  [ItemType.Interval]: unsigned32,
  [ItemType.DateTimeExtended]: signed64,
} as const;
