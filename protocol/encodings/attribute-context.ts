import { type EnumerationTable, enumerationOf } from "../enums/index.js";
import { Tag, tagOfSpecName } from "../tags.js";
import { type Item, ItemType } from "../ttlv/item.js";

/**
 * The enumeration or mask that the value of a tag is named by. An Attribute Value of KMIP 1.x takes it from the
 * Attribute Name beside it.
 */
export function valueTable(tag: number, attributeName: string | undefined): EnumerationTable | undefined {
  if (tag !== Tag.AttributeValue) return enumerationOf(tag);
  const attributeTag = attributeName === undefined ? undefined : tagOfSpecName(attributeName.replace(/\s+/g, " "));
  return attributeTag === undefined ? undefined : enumerationOf(attributeTag);
}

/** The attribute name that stands among the items of an Attribute structure. */
export function attributeNameAmong(items: readonly Item[]): string | undefined {
  const name = items.find((item) => item.tag === Tag.AttributeName);
  return name?.type === ItemType.TextString ? name.value : undefined;
}
