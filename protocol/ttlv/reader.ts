import { isTagInRange } from "../tags.js";
import { TtlvError, TtlvErrorCode } from "./error.js";
import { type Item, ItemType, type StructureItem } from "./item.js";
import { headerBytes, headerLayout, paddedLength, valueLayouts } from "./layouts.js";
import { defaultTtlvLimits, type TtlvLimits, ttlvLimits } from "./limits.js";

/** A structure whose items are still being read. */
interface OpenStructure {
  readonly end: number;
  readonly children: Item[];
}

const fixedLengths: Readonly<Record<number, number>> = {
  [ItemType.Integer]: 4,
  [ItemType.LongInteger]: 8,
  [ItemType.Enumeration]: 4,
  [ItemType.Boolean]: 8,
  [ItemType.DateTime]: 8,
  [ItemType.Interval]: 4,
  [ItemType.DateTimeExtended]: 8,
};

function fail(code: TtlvErrorCode, offset: number, detail: string): never {
  throw new TtlvError(code, offset, detail);
}

/** Reads the value of every type but Structure; its bytes, padding included, are known to be there. */
function readValue(buffer: Buffer, tag: number, type: number, offset: number): Item {
  switch (type) {
    case ItemType.Integer:
      return { tag, type, value: valueLayouts[type].decode(buffer, offset) };
    case ItemType.Enumeration:
    case ItemType.Interval:
      return { tag, type, value: valueLayouts[type].decode(buffer, offset) };
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return { tag, type, value: valueLayouts[type].decode(buffer, offset) };
    case ItemType.ByteString:
      return { tag, type, value: valueLayouts[type].decode(buffer, offset) };
    case ItemType.Boolean:
      return { tag, type, value: valueLayouts[type].decode(buffer, offset) };
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
    case ItemType.BigInteger:
      return { tag, type, value: valueLayouts[type].decode(buffer, offset) };
    default:
      return fail(TtlvErrorCode.UnknownType, offset - headerBytes, "The type is not an item type");
  }
}

function checkLength(type: number, length: number, offset: number): void {
  const fixed = fixedLengths[type];
  const right =
    fixed !== undefined
      ? length === fixed
      : type !== ItemType.BigInteger || (length > 0 && paddedLength(length) === length);
  if (!right) fail(TtlvErrorCode.WrongLength, offset, "The length does not fit the type");
}

function checkPadding(buffer: Buffer, from: number, to: number): void {
  for (let index = from; index < to; index += 1) {
    if (buffer[index] !== 0) fail(TtlvErrorCode.BadPadding, index, "Padding must be zero");
  }
}

/**
 * Reads a buffer that holds exactly one item (KMIP 2.1 §9.1). Strict: padding must be zero, lengths exact, text UTF-8,
 * Booleans 0 or 1, and the items of a structure must fill it. Byte Strings share the buffer's memory. A Big Integer
 * may be longer than its value needs, which the specification leaves open; everything else has one encoding only.
 *
 * @throws TtlvError for every input that is not such an item or exceeds a limit, and nothing else.
 */
export function decodeItem(buffer: Buffer, limits?: Partial<TtlvLimits>): Item {
  const { maximumBytes, maximumDepth, maximumItems } = limits === undefined ? defaultTtlvLimits : ttlvLimits(limits);
  if (buffer.length > maximumBytes) fail(TtlvErrorCode.TooLarge, 0, `A message may have ${maximumBytes} bytes`);
  const root: OpenStructure = { end: buffer.length, children: [] };
  const enclosing: OpenStructure[] = [];
  let open = root;
  let position = 0;
  let items = 0;
  do {
    const start = position;
    if (open.end - start < headerBytes) failAtEnd(enclosing.length, start);
    items += 1;
    if (items > maximumItems) fail(TtlvErrorCode.TooManyItems, start, `A message may have ${maximumItems} items`);
    const { tag, type, length } = headerLayout.decode(buffer, start);
    if (!isTagInRange(tag)) fail(TtlvErrorCode.BadTag, start, "The tag is in no range of the specification");
    checkLength(type, length, start);
    position = start + headerBytes;
    const end = position + paddedLength(length);
    if (end > open.end) failAtEnd(enclosing.length, start);
    if (type === ItemType.Structure) {
      if (enclosing.length >= maximumDepth) fail(TtlvErrorCode.TooDeep, start, `Depth may be ${maximumDepth}`);
      if (end !== position + length) fail(TtlvErrorCode.WrongLength, start, "A structure's length is a multiple of 8");
      const children: Item[] = [];
      const structure: StructureItem = { tag, type, value: children };
      open.children.push(structure);
      enclosing.push(open);
      open = { end, children };
    } else {
      open.children.push(readValue(buffer, tag, type, position));
      checkPadding(buffer, position + length, end);
      position = end;
    }
    while (position === open.end && enclosing.length > 0) open = enclosing.pop() ?? root;
  } while (enclosing.length > 0);
  if (position !== buffer.length) fail(TtlvErrorCode.TrailingBytes, position, "Bytes follow the item");
  const [item] = root.children;
  return item ?? fail(TtlvErrorCode.Truncated, 0, "There is no item");
}

function failAtEnd(depth: number, offset: number): never {
  if (depth > 0) fail(TtlvErrorCode.Overrun, offset, "An item does not fit into its structure");
  fail(TtlvErrorCode.Truncated, offset, "The item is incomplete");
}
