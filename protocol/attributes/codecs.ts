import { anyItem, type Codec, type CodecContext, integer, textString } from "../schema/codec.js";
import { MessageError } from "../schema/error.js";
import { optional, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { type Item, ItemType } from "../ttlv/item.js";
import { V2_0 } from "../versions.js";
import { attributeByName, attributeByTag } from "./definitions.js";
import { type AttributeInstance, vendorAttributeName, vendorAttributeParts } from "./instance.js";
import { knowsValues } from "./known-values.js";

const attributeStructure1 = structure("Attribute", {
  attributeName: required(Tag.AttributeName, textString),
  attributeIndex: optional(Tag.AttributeIndex, integer, { until: V2_0 }),
  attributeValue: optional(Tag.AttributeValue, anyItem),
});

const vendorAttributeStructure = structure("Attribute", {
  vendorIdentification: required(Tag.VendorIdentification, textString),
  attributeName: required(Tag.AttributeName, textString),
  attributeValue: optional(Tag.AttributeValue, anyItem),
});

const vendorReferenceStructure = structure("AttributeReference", {
  vendorIdentification: required(Tag.VendorIdentification, textString),
  attributeName: required(Tag.AttributeName, textString),
});

/** How a value is read: as that of an attribute, or as what to look for. */
export type ValueReading = "value" | "criteria";

function decodeValue(
  name: string,
  item: Item | undefined,
  { version }: CodecContext,
  reading: ValueReading = "value",
): unknown {
  if (item === undefined) return undefined;
  const context = { version, isCriteria: reading === "criteria" };
  const definition = attributeByName(name);
  try {
    if (definition === undefined) return item;
    if (!knowsValues(item, definition.tag, context.version)) {
      throw new MessageError("unknown-enumeration", "has a value that the version of the message does not know");
    }
    return definition.codec.decode(item, context);
  } catch (error) {
    if (error instanceof MessageError) throw error.within(name);
    throw error;
  }
}

function encodeValue({ name, value }: AttributeInstance, context: CodecContext): Item {
  const definition = attributeByName(name);
  return definition === undefined
    ? anyItem.encode(Tag.AttributeValue, value as Item, context)
    : definition.codec.encode(Tag.AttributeValue, value, context);
}

/** Reads an Attribute of 1.x: name, index, value (KMIP 1.4 §2.1.1). */
export function decodeOneX(item: Item, context: CodecContext, reading: ValueReading = "value"): AttributeInstance {
  const { attributeName: name, attributeIndex, attributeValue } = attributeStructure1.decode(item, context);
  return { name, index: attributeIndex, value: decodeValue(name, attributeValue, context, reading) };
}

/** Attribute as 1.x writes it; one that was deleted has no value (KMIP 1.4 §5.1). */
export const attributeOneX: Codec<AttributeInstance> = {
  decode: (item, context) => decodeOneX(item, context),
  encode(tag, instance, context) {
    const fields = {
      attributeName: instance.name,
      attributeIndex: instance.index,
      attributeValue: instance.value === undefined ? undefined : encodeValue(instance, context),
    };
    return attributeStructure1.encode(tag, fields, context);
  },
};

/** Reads one child of an Attributes structure (KMIP 2.1 §5.1), which carries its attribute's own tag. */
export function decodeTwoX(item: Item, context: CodecContext, reading: ValueReading = "value"): AttributeInstance {
  if (item.tag === Tag.Attribute) {
    const vendor = vendorAttributeStructure.decode(item, context);
    return {
      name: vendorAttributeName(vendor.vendorIdentification, vendor.attributeName),
      value: vendor.attributeValue,
    };
  }
  const definition = attributeByTag(item.tag);
  if (definition === undefined) {
    throw new MessageError("unknown-attribute", `tag 0x${item.tag.toString(16)} is no attribute`);
  }
  return { name: definition.name, value: decodeValue(definition.name, item, context, reading) };
}

/** Writes one attribute as a child of an Attributes structure. */
export function encodeTwoX(instance: AttributeInstance, context: CodecContext): Item {
  const definition = attributeByName(instance.name);
  if (definition !== undefined) return definition.codec.encode(definition.tag, instance.value, context);
  const parts = vendorAttributeParts(instance.name);
  if (parts === undefined) throw new MessageError("inconsistent", `"${instance.name}" is no vendor attribute`);
  return vendorAttributeStructure.encode(
    Tag.Attribute,
    { vendorIdentification: parts.vendor, attributeName: parts.attribute, attributeValue: instance.value as Item },
    context,
  );
}

/** Attribute Reference (KMIP 2.1 §5.5): the tag of a standard attribute, or the names of a vendor's. Gives the name. */
export const attributeReference: Codec<string> = {
  decode(item, context) {
    if (item.type === ItemType.Enumeration) {
      const definition = attributeByTag(item.value);
      if (definition === undefined) {
        throw new MessageError("unknown-attribute", `tag 0x${item.value.toString(16)} is no attribute`);
      }
      return definition.name;
    }
    const vendor = vendorReferenceStructure.decode(item, context);
    return vendorAttributeName(vendor.vendorIdentification, vendor.attributeName);
  },
  encode(tag, name, context) {
    const definition = attributeByName(name);
    if (definition !== undefined) return { tag, type: ItemType.Enumeration, value: definition.tag };
    const parts = vendorAttributeParts(name);
    if (parts === undefined) throw new MessageError("inconsistent", `"${name}" is no vendor attribute`);
    const fields = { vendorIdentification: parts.vendor, attributeName: parts.attribute };
    return vendorReferenceStructure.encode(tag, fields, context);
  },
};
