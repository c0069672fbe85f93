import { bigIntegerLength } from "../ttlv/big-integers.js";
import { ItemType, type Primitive } from "../ttlv/item.js";
import { valueTable } from "./attribute-context.js";
import { dateTimeExtendedFrom, dateTimeExtendedText, dateTimeFrom, dateTimeText } from "./dates.js";
import { EncodingError, EncodingErrorCode } from "./error.js";
import {
  bytesFrom,
  enumerationFrom,
  enumerationText,
  hexadecimalDigits,
  inRange,
  maskFrom,
  maskText,
  signed32Range,
  signed64Range,
  signedFromDigits,
  toHexadecimal,
  unsigned32Range,
} from "./values.js";

/**
 * A value as XML has it, without escapes: names where there are names, Byte Strings and Big Integers as hexadecimal
 * digits, dates as ISO 8601. `separator` stands between the names of a mask; `attributeName` is the Attribute Name
 * beside an Attribute Value.
 */
export function primitiveText(item: Primitive, attributeName: string | undefined, separator: string): string {
  switch (item.type) {
    case ItemType.Integer: {
      const table = valueTable(item.tag, attributeName);
      return table?.kind === "mask" && item.value !== 0 ? maskText(table, item.value, separator) : String(item.value);
    }
    case ItemType.Enumeration:
      return enumerationText(valueTable(item.tag, attributeName), item.value);
    case ItemType.BigInteger:
      return toHexadecimal(item.value, bigIntegerLength(item.value));
    case ItemType.ByteString:
      return item.value.toString("hex");
    case ItemType.DateTime:
      return dateTimeText(item.value);
    case ItemType.DateTimeExtended:
      return dateTimeExtendedText(item.value);
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return item.value;
    case ItemType.LongInteger:
    case ItemType.Interval:
    case ItemType.Boolean:
      return String(item.value);
  }
}

const decimal = /^[+-]?\d{1,20}$/;

function integerFrom(text: string, bytes: number): bigint {
  const digits = hexadecimalDigits(text);
  if (digits !== undefined && digits.length <= 2 * bytes) return signedFromDigits(digits.padStart(2 * bytes, "0"));
  if (!decimal.test(text)) throw new EncodingError(EncodingErrorCode.BadValue, "A number is not written as one");
  return BigInt(text.replace("+", ""));
}

function integerValue(text: string, tag: number, attributeName: string | undefined): number {
  const looksLikeNumber = decimal.test(text) || hexadecimalDigits(text) !== undefined;
  if (looksLikeNumber) return inRange(Number(integerFrom(text, 4)), ...signed32Range);
  return maskFrom(valueTable(tag, attributeName), text);
}

function booleanFrom(text: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new EncodingError(EncodingErrorCode.BadValue, "A Boolean is true or false");
}

/**
 * Reads a value that `primitiveText` wrote, or that is written another way the encodings allow.
 *
 * @throws EncodingError where the text is no value of the type.
 */
export function primitiveFrom(
  tag: number,
  type: Primitive["type"],
  text: string,
  attributeName: string | undefined,
): Primitive {
  switch (type) {
    case ItemType.Integer:
      return { tag, type, value: integerValue(text.trim(), tag, attributeName) };
    case ItemType.LongInteger:
      return { tag, type, value: inRange(integerFrom(text, 8), ...signed64Range) };
    case ItemType.BigInteger:
      return { tag, type, value: signedFromDigits(bytesFrom(text).toString("hex")) };
    case ItemType.Enumeration:
      return { tag, type, value: enumerationFrom(valueTable(tag, attributeName), text) };
    case ItemType.Boolean:
      return { tag, type, value: booleanFrom(text) };
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return { tag, type, value: text };
    case ItemType.ByteString:
      return { tag, type, value: bytesFrom(text) };
    case ItemType.DateTime:
      return { tag, type, value: dateTimeFrom(text) };
    case ItemType.Interval:
      return { tag, type, value: inRange(Number(integerFrom(text, 8)), ...unsigned32Range) };
    case ItemType.DateTimeExtended:
      return { tag, type, value: dateTimeExtendedFrom(text) };
  }
}
