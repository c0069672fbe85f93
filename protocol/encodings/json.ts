import { Tag, tagLabel } from "../tags.js";
import { bigIntegerLength } from "../ttlv/big-integers.js";
import { type Item, ItemType, type Primitive } from "../ttlv/item.js";
import type { TtlvLimits } from "../ttlv/limits.js";
import { attributeNameAmong, valueTable } from "./attribute-context.js";
import { Budget } from "./budget.js";
import { dateTimeExtendedFrom, dateTimeExtendedText, dateTimeFrom, dateTimeText } from "./dates.js";
import { EncodingError, EncodingErrorCode } from "./error.js";
import { checkJsonExtent } from "./json-extent.js";
import { tagFrom, typeFrom, typeName } from "./names.js";
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

/** An item as JSON has it (KMIP Additional Message Encodings 1.0 §4.1.6); a Structure leaves its type out. */
interface JsonItem {
  readonly tag: string;
  readonly type?: string;
  readonly value: string | number | boolean | readonly JsonItem[];
}

/** From here on a number must be written in hexadecimal (§4.1.6.5). */
const firstBeyondNumbers = 2n ** 52n;

function largeNumber(value: bigint, bytes: number): string | number {
  const beyond = value >= firstBeyondNumbers || value <= -firstBeyondNumbers;
  return beyond ? `0x${toHexadecimal(value, bytes)}` : Number(value);
}

function jsonValue(item: Primitive, attributeName: string | undefined): string | number | boolean {
  switch (item.type) {
    case ItemType.Integer: {
      const table = valueTable(item.tag, attributeName);
      return table?.kind === "mask" && item.value !== 0 ? maskText(table, item.value, "|") : item.value;
    }
    case ItemType.Enumeration:
      return enumerationText(valueTable(item.tag, attributeName), item.value);
    case ItemType.LongInteger:
      return largeNumber(item.value, 8);
    case ItemType.BigInteger:
      return largeNumber(item.value, bigIntegerLength(item.value));
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
    case ItemType.Interval:
    case ItemType.Boolean:
      return item.value;
  }
}

function toJson(item: Item, depth: number, attributeName: string | undefined, budget: Budget): JsonItem {
  const tag = tagLabel(item.tag);
  if (item.type !== ItemType.Structure) {
    budget.item(depth);
    return { tag, type: typeName(item.type), value: jsonValue(item, attributeName) };
  }
  budget.item(depth + 1);
  const nameHere = attributeNameAmong(item.value);
  return { tag, value: item.value.map((child) => toJson(child, depth + 1, nameHere, budget)) };
}

/**
 * Writes an item as JSON (KMIP Additional Message Encodings 1.0 §4), names where there are names.
 *
 * @throws EncodingError for items that exceed the limits of a message.
 */
export function itemToJson(item: Item): string {
  return JSON.stringify(toJson(item, 0, undefined, new Budget()));
}

function badValue(what: string): never {
  throw new EncodingError(EncodingErrorCode.BadValue, what);
}

function textFrom(value: unknown): string {
  return typeof value === "string" ? value : badValue("The value must be a string");
}

/** A whole number, given as a JSON number or as hexadecimal digits after "0x"; `undefined` for another string. */
function numberFrom(value: unknown): bigint | undefined {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) badValue("A number must be whole, and in hexadecimal beyond 2^52");
    return BigInt(value);
  }
  const digits = hexadecimalDigits(textFrom(value));
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

/** As `numberFrom`, with the digits of `bytes` bytes in two's complement. */
function signedFrom(value: unknown, bytes: number): bigint | undefined {
  const digits = typeof value === "string" ? hexadecimalDigits(value) : undefined;
  if (digits === undefined) return numberFrom(value);
  if (digits.length > 2 * bytes) badValue("A number has too many digits");
  return signedFromDigits(digits.padStart(2 * bytes, "0"));
}

function bigIntegerFrom(value: unknown): bigint {
  const digits = typeof value === "string" ? hexadecimalDigits(value) : undefined;
  const number = digits === undefined ? numberFrom(value) : signedFromDigits(digits);
  return number ?? badValue("A Big Integer is a number or hexadecimal");
}

function booleanFrom(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const number = numberFrom(textFrom(value));
  if (number !== 0n && number !== 1n) badValue("A Boolean is true or false");
  return number === 1n;
}

function primitiveFrom(tag: number, type: Primitive["type"], value: unknown, attributeName: string | undefined): Item {
  switch (type) {
    case ItemType.Integer: {
      const number = signedFrom(value, 4);
      if (number === undefined) return { tag, type, value: maskFrom(valueTable(tag, attributeName), textFrom(value)) };
      return { tag, type, value: inRange(Number(number), ...signed32Range) };
    }
    case ItemType.LongInteger:
      return { tag, type, value: inRange(signedFrom(value, 8) ?? badValue("Not a number"), ...signed64Range) };
    case ItemType.BigInteger:
      return { tag, type, value: bigIntegerFrom(value) };
    case ItemType.Enumeration: {
      const number = numberFrom(value);
      if (number !== undefined) return { tag, type, value: inRange(Number(number), ...unsigned32Range) };
      return { tag, type, value: enumerationFrom(valueTable(tag, attributeName), textFrom(value)) };
    }
    case ItemType.Boolean:
      return { tag, type, value: booleanFrom(value) };
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return { tag, type, value: textFrom(value) };
    case ItemType.ByteString:
      return { tag, type, value: bytesFrom(textFrom(value)) };
    case ItemType.DateTime:
      return { tag, type, value: dateTimeFrom(textFrom(value)) };
    case ItemType.Interval:
      return { tag, type, value: inRange(Number(numberFrom(value) ?? badValue("Not a number")), ...unsigned32Range) };
    case ItemType.DateTimeExtended:
      return { tag, type, value: dateTimeExtendedFrom(textFrom(value)) };
  }
}

const knownProperties: readonly string[] = ["tag", "name", "type", "value"];

interface Parts {
  readonly tag: number;
  readonly type: ItemType;
  readonly value: unknown;
}

function parts(json: unknown): Parts {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new EncodingError(EncodingErrorCode.Malformed, "An item is a JSON object");
  }
  const properties = new Map<string, unknown>(Object.entries(json));
  if ([...properties.keys()].some((property) => !knownProperties.includes(property))) {
    throw new EncodingError(EncodingErrorCode.Malformed, "An item has a property that items do not have");
  }
  const type = properties.get("type");
  return {
    tag: tagFrom(textFrom(properties.get("tag"))),
    type: typeFrom(type === undefined ? undefined : textFrom(type)),
    value: properties.get("value"),
  };
}

/** An Attribute Name beside its value, before either has been given a meaning. */
function attributeNameIn(items: readonly unknown[]): string | undefined {
  for (const json of items) {
    const { tag, type, value } = parts(json);
    if (tag !== Tag.AttributeName) continue;
    return type === ItemType.TextString && typeof value === "string" ? value : undefined;
  }
  return undefined;
}

function read(json: unknown, depth: number, attributeName: string | undefined, budget: Budget): Item {
  const { tag, type, value } = parts(json);
  if (type !== ItemType.Structure) {
    budget.item(depth);
    return primitiveFrom(tag, type, value, attributeName);
  }
  budget.item(depth + 1);
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (!Array.isArray(value) && value !== null && value !== undefined) badValue("A Structure's value is an array");
  const nameHere = attributeNameIn(items);
  return { tag, type, value: items.map((child) => read(child, depth + 1, nameHere, budget)) };
}

/**
 * Reads one item written in JSON.
 *
 * @throws EncodingError for text that is not such an item, or exceeds a limit.
 */
export function itemFromJson(text: string, limits?: Partial<TtlvLimits>): Item {
  const budget = new Budget(limits);
  return read(parsed(text, budget, limits), 0, undefined, budget);
}

/**
 * The Protocol Version in the header of the message in a text, also where the rest of the message cannot be read.
 *
 * @throws EncodingError for text that is not JSON within the limits, or a Protocol Version that cannot be read.
 */
export function versionItemInJson(text: string, limits?: Partial<TtlvLimits>): Item | undefined {
  const budget = new Budget(limits);
  const message = parsed(text, budget, limits);
  const version = child(child(message, Tag.RequestHeader), Tag.ProtocolVersion);
  return version === undefined ? undefined : read(version, 0, undefined, budget);
}

function child(json: unknown, tag: number): unknown {
  if (typeof json !== "object" || json === null || !("value" in json) || !Array.isArray(json.value)) return undefined;
  return json.value.find((each: unknown) => {
    const isItem = typeof each === "object" && each !== null && "tag" in each && typeof each.tag === "string";
    return isItem && each.tag === tagLabel(tag);
  });
}

function parsed(text: string, budget: Budget, limits: Partial<TtlvLimits> | undefined): unknown {
  budget.text(text);
  checkJsonExtent(text, limits);
  try {
    return JSON.parse(text);
  } catch {
    throw new EncodingError(EncodingErrorCode.Malformed, "The text is not JSON");
  }
}
