import { enumerationOf, isKnownIn } from "../enums/index.js";
import { type Item, ItemType } from "../ttlv/item.js";
import { inSpan, type ProtocolVersion, V2_1 } from "../versions.js";

/** From here on enumeration values belong to vendors. */
const firstVendorValue = 0x80000000;

/**
 * Whether a version defines every enumeration value and every bit of a mask in the value of an attribute. `tag` is that
 * of the attribute: in 1.x its value stands under the tag Attribute Value.
 */
export function knowsValues(item: Item, tag: number, version: ProtocolVersion): boolean {
  if (version >= V2_1) return true;
  switch (item.type) {
    case ItemType.Structure:
      return item.value.every((child) => knowsValues(child, child.tag, version));
    case ItemType.Enumeration: {
      const table = enumerationOf(tag);
      return table === undefined || item.value >= firstVendorValue || isKnownIn(table, item.value, version);
    }
    case ItemType.Integer: {
      const table = enumerationOf(tag);
      if (table?.kind !== "mask") return true;
      return table.facts.every((fact) => !hasBit(item.value, fact.value) || inSpan(fact, version));
    }
    default:
      return true;
  }
}

const hasBit = (mask: number, bit: number): boolean => Math.floor((mask >>> 0) / bit) % 2 === 1;
