import { enumerationOf } from "../enums/index.js";
import { ItemType } from "../ttlv/item.js";
import type { VersionSpan } from "../versions.js";
import { type Codec, expectType } from "./codec.js";
import { MessageError } from "./error.js";
import { type Field, optional, required } from "./structure.js";

/** Values from here up are extensions of vendors (KMIP 2.1 §11): they pass, and the operation decides. */
const firstExtensionValue = 0x80000000;

/** A codec for the values of one enumeration, with the tag whose table lists them. */
export interface EnumerationCodec extends Codec<number> {
  readonly tableTag: number;
}

/** Enumeration whose values are those of a tag's table. A value no version defines is `unknown-enumeration`. */
export function enumerationFor(tableTag: number): EnumerationCodec {
  const table = enumerationOf(tableTag);
  if (table === undefined) throw new TypeError(`tag 0x${tableTag.toString(16)} has no enumeration`);
  return {
    tableTag,
    decode(item) {
      const value = expectType(item, ItemType.Enumeration);
      if (value < firstExtensionValue && !table.byValue.has(value)) {
        throw new MessageError("unknown-enumeration", `0x${value.toString(16)} is no ${table.name}`);
      }
      return value;
    },
    encode: (tag, value) => ({ tag, type: ItemType.Enumeration, value }),
  };
}

/** A field that holds one value of its own tag's enumeration and must stand. */
export function requiredEnumeration(tag: number, span: VersionSpan = {}): Field<number> {
  return required(tag, enumerationFor(tag), span);
}

/** A field that holds one value of its own tag's enumeration and may stand. */
export function optionalEnumeration(tag: number, span: VersionSpan = {}): Field<number | undefined> {
  return optional(tag, enumerationFor(tag), span);
}
