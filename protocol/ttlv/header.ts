import { isTagInRange } from "../tags.js";
import { TtlvError, TtlvErrorCode } from "./error.js";
import { ItemType } from "./item.js";
import { headerBytes, headerLayout, type ItemHeader, paddedLength } from "./layouts.js";

/**
 * Reads the header of an item, whatever its type.
 *
 * @throws TtlvError `truncated` when fewer than eight bytes stand at the offset.
 */
export function readHeader(buffer: Buffer, offset: number): ItemHeader {
  if (buffer.length - offset < headerBytes) {
    throw new TtlvError(TtlvErrorCode.Truncated, offset, "The header of an item is incomplete");
  }
  return headerLayout.decode(buffer, offset);
}

/**
 * The length in bytes of the message that starts here, header included; undefined as long as fewer than eight bytes
 * have arrived. It takes no memory for the message: compare the length with a limit before waiting for the rest.
 *
 * @throws TtlvError `bad-tag`, `not-a-structure` or `wrong-length` when no message starts with these bytes.
 */
export function messageLength(buffer: Buffer): number | undefined {
  if (buffer.length < headerBytes) return undefined;
  const { tag, type, length } = readHeader(buffer, 0);
  if (!isTagInRange(tag)) throw new TtlvError(TtlvErrorCode.BadTag, 0, "A message starts with an unknown tag");
  if (type !== ItemType.Structure) {
    throw new TtlvError(TtlvErrorCode.NotAStructure, 0, "A message must be a structure");
  }
  if (paddedLength(length) !== length) {
    throw new TtlvError(TtlvErrorCode.WrongLength, 0, "The length of a structure must be a multiple of eight");
  }
  return headerBytes + length;
}
