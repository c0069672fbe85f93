import { isTagInRange, tagNamed } from "../tags.js";
import { ItemType } from "../ttlv/item.js";
import { EncodingError, EncodingErrorCode } from "./error.js";

const typeNames: ReadonlyMap<number, string> = new Map(Object.entries(ItemType).map(([name, type]) => [type, name]));
const typesByName: ReadonlyMap<string, ItemType> = new Map(Object.entries(ItemType));

/** The name of an item type, as XML and JSON write it. */
export function typeName(type: ItemType): string {
  return typeNames.get(type) ?? "";
}

/** The item type that a message names; Structure where it names none. */
export function typeFrom(name: string | undefined): ItemType {
  const type = name === undefined ? ItemType.Structure : typesByName.get(name);
  if (type === undefined) throw new EncodingError(EncodingErrorCode.UnknownType, "The type is not an item type");
  return type;
}

// XML names elements without a name of their own "x540001" (§6.1.6.5).
const tagInHexadecimal = /^0?x([0-9a-f]{6})$/i;

/** The tag written as its normalised name or as six hexadecimal digits after "0x". */
export function tagFrom(text: string): number {
  const digits = tagInHexadecimal.exec(text)?.[1];
  const tag = digits === undefined ? tagNamed(text) : Number.parseInt(digits, 16);
  if (tag === undefined || !isTagInRange(tag))
    throw new EncodingError(EncodingErrorCode.BadTag, "The tag is not known");
  return tag;
}
