import { type Item, ItemType, type Primitive } from "../../ttlv/item.js";
import { valueTable } from "../attribute-context.js";
import { EncodingError, EncodingErrorCode } from "../error.js";
import { primitiveFrom, primitiveText } from "../primitives.js";
import { usualType } from "../usual-types.js";
import { hexadecimalDigits } from "../values.js";
import type { StandIn, TranscriptItem } from "./step.js";

/** What could pass for something else on a terminal; JSON leaves it as it is. */
const deceiving = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function quoted(text: string): string {
  const numbered = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(deceiving, numbered);
}

function isText(type: ItemType): boolean {
  const texts: readonly ItemType[] = [
    ItemType.TextString,
    ItemType.Identifier,
    ItemType.Reference,
    ItemType.NameReference,
  ];
  return texts.includes(type);
}

function standInText(standIn: StandIn, type: ItemType): string {
  switch (standIn.kind) {
    case "variable":
      return `$${standIn.name}`;
    case "any":
      return "$any";
    case "now":
      return standIn.offset === 0 ? "$now" : `$now${standIn.offset > 0 ? "+" : ""}${standIn.offset}`;
    case "redacted": {
      const what = type === ItemType.BigInteger ? "number of " : isText(type) ? "text of " : "";
      const length = standIn.bytes === undefined ? [] : [`${what}${standIn.bytes} bytes`];
      const digest = standIn.digest === undefined ? [] : [`#${standIn.digest}`];
      return `<${["redacted", ...length, ...digest].join(" ")}>`;
    }
  }
}

/** A value, or what stands in for it, as it is written behind the tag. Not for Structures that have content. */
export function valueText({ item, standIn }: TranscriptItem, attributeName: string | undefined): string {
  if (standIn !== undefined) return standInText(standIn, item.type);
  if (item.type === ItemType.Structure) throw new TypeError("a structure has no value of its own");
  const plain = primitiveText(item, attributeName, "|");
  if (isText(item.type)) return quoted(plain);
  if (item.type === ItemType.ByteString) return `h'${plain}'`;
  return item.type === ItemType.BigInteger ? `0x${plain}` : plain;
}

const variable = /^\$([a-z][A-Za-z0-9_.-]{0,63})$/;
const now = /^\$now(?:([+-])(\d{1,10}))?$/;
const redacted = /^<redacted(?: (text of |number of )?(\d{1,10}) bytes)?(?: #([0-9a-f]{1,64}))?>$/;
const date = /^\d{4}-\d{2}-\d{2}T[^.]*(\.\d+)?/;

/** What the text stands for in place of a value; undefined where it is a value. */
function standInFrom(text: string): StandIn | undefined {
  if (text === "$any") return { kind: "any" };
  const moment = now.exec(text);
  if (moment !== null) return { kind: "now", offset: Number(`${moment[1] ?? "+"}${moment[2] ?? "0"}`) };
  const name = variable.exec(text)?.[1];
  if (name !== undefined) return { kind: "variable", name };
  const secret = redacted.exec(text);
  if (secret === null) return undefined;
  const bytes = secret[2] === undefined ? undefined : Number(secret[2]);
  return { kind: "redacted", bytes, digest: secret[3] };
}

const numeric: ReadonlySet<ItemType | undefined> = new Set([
  ItemType.Integer,
  ItemType.LongInteger,
  ItemType.Interval,
  ItemType.BigInteger,
]);

/** Types whose values may be written as hexadecimal digits after "0x". */
const hexadecimal: ReadonlySet<ItemType | undefined> = new Set([
  ItemType.BigInteger,
  ItemType.DateTime,
  ItemType.DateTimeExtended,
  ItemType.Integer,
  ItemType.LongInteger,
]);

function impliedByStandIn(text: string, usual: ItemType | undefined): ItemType {
  const [matched, what, length] = redacted.exec(text) ?? [];
  if (matched === undefined || length === undefined) return usual ?? ItemType.Structure;
  if (what === undefined) return ItemType.ByteString;
  return what === "text of " ? ItemType.TextString : ItemType.BigInteger;
}

/** The type that a value has where none is written: by how it is written, and by what its tag mostly carries. */
export function impliedType(tag: number, attributeName: string | undefined, text: string): ItemType {
  const usual = usualType(tag, attributeName);
  if (text.startsWith("$") || text.startsWith("<")) return impliedByStandIn(text, usual);
  if (text.startsWith('"')) return ItemType.TextString;
  if (text.startsWith("h'")) return ItemType.ByteString;
  if (text === "true" || text === "false") return ItemType.Boolean;
  const isDate = date.exec(text);
  if (isDate !== null) return isDate[1] === undefined ? ItemType.DateTime : ItemType.DateTimeExtended;
  if (/^[+-]?\d+$/.test(text)) return usual !== undefined && numeric.has(usual) ? usual : ItemType.Integer;
  if (text.startsWith("0x")) return usual !== undefined && hexadecimal.has(usual) ? usual : ItemType.Enumeration;
  return valueTable(tag, attributeName)?.kind === "mask" ? ItemType.Integer : ItemType.Enumeration;
}

function bad(what: string): never {
  throw new EncodingError(EncodingErrorCode.BadValue, what);
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) bad("A text stands between quotation marks");
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : bad("A text stands between quotation marks");
  } catch (error) {
    if (error instanceof EncodingError) throw error;
    return bad("A text is not written as JSON writes texts");
  }
}

/** The hexadecimal digits between the marks of `h'01 02'`. */
function digitsOf(text: string): string {
  const digits = /^h'([0-9a-f ]*)'$/i.exec(text)?.[1];
  return digits?.replaceAll(" ", "") ?? bad("A Byte String is written h'0123'");
}

/** The most digits of a number that is written in decimal. */
const maximumDecimalDigits = 100;

function bigIntegerFrom(text: string): bigint {
  const digits = hexadecimalDigits(text);
  if (digits !== undefined) return BigInt.asIntN(4 * evenly(digits).length, BigInt(`0x${digits}`));
  if (!/^[+-]?\d+$/.test(text) || text.length > maximumDecimalDigits) bad("A Big Integer is a number or hexadecimal");
  return BigInt(text.replace("+", ""));
}

function evenly(digits: string): string {
  return digits.length % 2 === 0 ? digits : bad("A number must have whole bytes");
}

/** A value of a type that stands in the place of one that is not known. */
function emptyValue(tag: number, type: ItemType): Item {
  switch (type) {
    case ItemType.Structure:
      return { tag, type, value: [] };
    case ItemType.ByteString:
      return { tag, type, value: Buffer.alloc(0) };
    case ItemType.BigInteger:
    case ItemType.LongInteger:
    case ItemType.DateTime:
    case ItemType.DateTimeExtended:
      return { tag, type, value: 0n };
    case ItemType.Boolean:
      return { tag, type, value: false };
    case ItemType.Integer:
    case ItemType.Enumeration:
    case ItemType.Interval:
      return { tag, type, value: 0 };
    default:
      return { tag, type, value: "" };
  }
}

/** The type names a value explicitly where it is given. Throws EncodingError where the text is no value of its type. */
export function valueFrom(
  tag: number,
  named: ItemType | undefined,
  text: string,
  attributeName: string | undefined,
): TranscriptItem {
  const type = named ?? impliedType(tag, attributeName, text);
  const standIn = standInFrom(text);
  if (standIn !== undefined) return standing(tag, type, standIn);
  if (type === ItemType.Structure) bad("A Structure has no value");
  return { item: primitive(tag, type, text, attributeName), children: [] };
}

function primitive(tag: number, type: Primitive["type"], text: string, attributeName: string | undefined): Primitive {
  if (type === ItemType.BigInteger) return { tag, type, value: bigIntegerFrom(text) };
  if (type === ItemType.ByteString) return primitiveFrom(tag, type, digitsOf(text), attributeName);
  return primitiveFrom(tag, type, isText(type) ? unquoted(text) : text, attributeName);
}

function standing(tag: number, type: ItemType, standIn: StandIn): TranscriptItem {
  if (standIn.kind === "now" && type !== ItemType.DateTime && type !== ItemType.DateTimeExtended) {
    bad("$now stands for a date");
  }
  if (type === ItemType.Structure && standIn.kind !== "any") bad("Only $any stands for a Structure");
  return { item: emptyValue(tag, type), standIn, children: [] };
}

/** An item with a stand-in in place of its value. */
export function standInFor(item: Item, standIn: StandIn): TranscriptItem {
  return { item: emptyValue(item.tag, item.type), standIn, children: [] };
}
