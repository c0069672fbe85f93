import { attributeByName } from "#protocol/attributes/definitions.js";
import { isPrefixedVendorAttribute } from "#protocol/attributes/instance.js";
import { valueTable } from "#protocol/encodings/attribute-context.js";
import { isKnownIn } from "#protocol/enums/index.js";
import { isTagKnownIn, Tag, tagLabel } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { inSpan, type ProtocolVersion, V2_0 } from "#protocol/versions.js";

/** From here on tags and enumeration values belong to vendors. */
const firstVendorTag = 0x540000;
const firstVendorValue = 0x80000000;

/**
 * Everything in an answer that its version does not know, by the tables of tags, enumerations, masks and attributes:
 * each as the way to it and what stands there. What vendors may add is left aside.
 */
export function strangersOf(item: Item, version: ProtocolVersion): readonly string[] {
  return inItem(item, version, { path: "", attributeName: undefined });
}

interface Place {
  readonly path: string;
  /** The name of the attribute of 1.x whose value this is. */
  readonly attributeName: string | undefined;
}

function inItem(item: Item, version: ProtocolVersion, place: Place): readonly string[] {
  if (item.tag >= firstVendorTag) return [];
  const path = `${place.path}/${tagLabel(item.tag)}`;
  const found = isTagKnownIn(item.tag, version) ? [] : [`tag ${path}`];
  if (item.type === ItemType.Structure) {
    const attributeName = nameAmong(item.value);
    return [...found, ...item.value.flatMap((child) => inItem(child, version, { path, attributeName }))];
  }
  const isKnown = isKnownType(item, version) && isKnownName(item, version) && isKnownValue(item, version, place);
  return isKnown ? found : [...found, `value ${path} = ${item.value}`];
}

function nameAmong(items: readonly Item[]): string | undefined {
  const name = items.find(({ tag }) => tag === Tag.AttributeName);
  return name?.type === ItemType.TextString ? name.value : undefined;
}

/** Date-Time Extended came with 2.0 (KMIP 2.0 §2). */
function isKnownType(item: Item, version: ProtocolVersion): boolean {
  return item.type !== ItemType.DateTimeExtended || version >= V2_0;
}

/** An Attribute Name of 1.x is one of its version or of a vendor; in 2.x only vendors' attributes have names. */
function isKnownName(item: Item, version: ProtocolVersion): boolean {
  if (item.tag !== Tag.AttributeName || item.type !== ItemType.TextString || version >= V2_0) return true;
  const definition = attributeByName(item.value);
  return definition === undefined ? isPrefixedVendorAttribute(item.value) : inSpan(definition.span, version);
}

function isKnownValue(item: Item, version: ProtocolVersion, { attributeName }: Place): boolean {
  if (item.type !== ItemType.Enumeration && item.type !== ItemType.Integer) return true;
  const table = valueTable(item.tag, attributeName);
  if (table === undefined) return true;
  if (item.type === ItemType.Enumeration) {
    return item.value >= firstVendorValue || isKnownIn(table, item.value, version);
  }
  return table.kind !== "mask" || table.facts.every((fact) => isUnset(item.value, fact.value) || inSpan(fact, version));
}

const isUnset = (mask: number, bit: number): boolean => Math.floor((mask >>> 0) / bit) % 2 === 0;
