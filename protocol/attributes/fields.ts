import { type CodecContext, expectType, textString } from "../schema/codec.js";
import { MessageError } from "../schema/error.js";
import { type Field, repeated, structure } from "../schema/structure.js";
import { type Name, nameStructure } from "../structures/attribute-values.js";
import { Tag } from "../tags.js";
import { type Item, ItemType } from "../ttlv/item.js";
import { inSpan, V1_4, V2_0 } from "../versions.js";
import { attributeOneX, attributeReference, decodeOneX, decodeTwoX, encodeTwoX, type ValueReading } from "./codecs.js";
import { attributeByName } from "./definitions.js";
import { type AttributeInstance, isPrefixedVendorAttribute } from "./instance.js";
import { knowsValues } from "./known-values.js";

/** What a request says of the attributes of an object to be made: attributes, and in 1.x names of templates. */
export interface RequestedAttributes {
  readonly attributes: readonly AttributeInstance[];
  readonly templates: readonly Name[];
}

/** Whether a value of a payload is the attributes of an object to be made. */
export function isRequestedAttributes(value: unknown): value is RequestedAttributes {
  return typeof value === "object" && value !== null && "attributes" in value && "templates" in value;
}

/** Whether a version has an attribute at all: answers leave out those it has not. */
export function isKnownAttribute(name: string, context: CodecContext): boolean {
  const definition = attributeByName(name);
  if (definition !== undefined) return inSpan(definition.span, context.version);
  return context.version >= V2_0 || isPrefixedVendorAttribute(name);
}

function encodeList(tag: number, list: readonly AttributeInstance[], context: CodecContext): readonly Item[] {
  const known = list.filter((instance) => isKnownAttribute(instance.name, context));
  const isOneX = context.version < V2_0;
  const written = known.flatMap((instance) => {
    const item = isOneX ? attributeOneX.encode(Tag.Attribute, instance, context) : encodeTwoX(instance, context);
    return isTellable(item, instance.name, context) ? [item] : [];
  });
  return isOneX ? written : [{ tag, type: ItemType.Structure, value: written }];
}

/** Whether the version has every value in an attribute: what a later version set, an earlier one is not told. */
function isTellable(item: Item, name: string, { version }: CodecContext): boolean {
  const definition = attributeByName(name);
  if (definition === undefined) return true;
  if (version >= V2_0 || item.type !== ItemType.Structure) return knowsValues(item, definition.tag, version);
  const value = item.value.find((child) => child.tag === Tag.AttributeValue);
  return value === undefined || knowsValues(value, definition.tag, version);
}

function decodeWrapper(item: Item, context: CodecContext, reading?: ValueReading): readonly AttributeInstance[] {
  return expectType(item, ItemType.Structure).map((child) => decodeTwoX(child, context, reading));
}

const templateAttributeOneX = structure("TemplateAttribute", {
  name: repeated(Tag.Name, nameStructure),
  attribute: repeated(Tag.Attribute, attributeOneX),
});

/**
 * Attributes of an object to be made: Template-Attribute in 1.x (KMIP 1.4 §2.1.8), Attributes in 2.x (2.1 §5.1), each
 * under the tag that the operation gives it. An absent one reads as empty; an empty one is written only when `always`.
 */
export function requestedAttributes(
  tagOneX: number,
  tagTwoX: number,
  options: { always: boolean } = { always: false },
): Field<RequestedAttributes> {
  return {
    tags: [tagOneX, tagTwoX],
    optional: true,
    span: {},
    decode(items, context) {
      const attributes: AttributeInstance[] = [];
      const templates: Name[] = [];
      for (const item of items) {
        if (item.tag === tagTwoX) {
          attributes.push(...decodeWrapper(item, context));
        } else {
          const value = templateAttributeOneX.decode(item, context);
          attributes.push(...value.attribute);
          templates.push(...value.name);
        }
      }
      return { attributes, templates };
    },
    encode(value, context) {
      if (!options.always && value.attributes.length === 0 && value.templates.length === 0) return [];
      if (context.version >= V2_0) return encodeList(tagTwoX, value.attributes, context);
      const known = value.attributes.filter((instance) => isKnownAttribute(instance.name, context));
      return [templateAttributeOneX.encode(tagOneX, { name: value.templates, attribute: known }, context)];
    },
  };
}

/**
 * Attributes that the server chose for a new object: a Template-Attribute that answers of 1.x may carry under the tag
 * that the operation gives it (KMIP 1.4 §4.1). Answers of 2.x have no such field.
 */
export function assignedAttributes(tag: number): Field<readonly AttributeInstance[] | undefined> {
  return {
    tags: [tag],
    optional: true,
    span: { until: V1_4 },
    decode: (items, context) =>
      items.length === 0 ? undefined : items.flatMap((item) => templateAttributeOneX.decode(item, context).attribute),
    encode(list, context) {
      const known = (list ?? []).filter((instance) => isKnownAttribute(instance.name, context));
      return known.length === 0 ? [] : [templateAttributeOneX.encode(tag, { name: [], attribute: known }, context)];
    },
  };
}

/**
 * A list of attributes: repeated Attribute in 1.x, one Attributes structure in 2.x. Reads a Template-Attribute wrapper
 * too, which some 1.x clients put around the filter of Locate. `always` writes an empty 2.x structure for an empty list;
 * `reading` says whether the values are to be looked for, with fields left out that do not matter (KMIP 2.1 §6.1.28).
 */
export function attributeList(options: {
  readonly always: boolean;
  readonly reading?: ValueReading;
}): Field<readonly AttributeInstance[]> {
  const { reading } = options;
  return {
    tags: [Tag.Attribute, Tag.Attributes, Tag.TemplateAttribute],
    optional: true,
    span: {},
    decode: (items, context) =>
      items.flatMap((item) => {
        if (item.tag === Tag.Attributes) return decodeWrapper(item, context, reading);
        if (item.tag !== Tag.TemplateAttribute) return [decodeOneX(item, context, reading)];
        const wrapped = expectType(item, ItemType.Structure).filter((child) => child.tag === Tag.Attribute);
        return wrapped.map((child) => decodeOneX(child, context, reading));
      }),
    encode: (list, context) =>
      list.length === 0 && !(options.always && context.version >= V2_0)
        ? []
        : encodeList(Tag.Attributes, list, context),
  };
}

/** One attribute: Attribute in 1.x, a structure of its own tag (New Attribute, Current Attribute) in 2.x. */
export function singleAttribute(tagTwoX: number, versions: { oneX: boolean }): Field<AttributeInstance | undefined> {
  return {
    tags: versions.oneX ? [Tag.Attribute, tagTwoX] : [tagTwoX],
    optional: true,
    span: versions.oneX ? {} : { since: V2_0 },
    decode(items, context) {
      const [first, second] = items.flatMap((item) =>
        item.tag === tagTwoX ? decodeWrapper(item, context) : [attributeOneX.decode(item, context)],
      );
      if (second !== undefined) throw new MessageError("repeated-field", "holds more than one attribute");
      if (items.length > 0 && first === undefined) throw new MessageError("missing-field", "holds no attribute");
      return first;
    },
    encode: (value, context) => (value === undefined ? [] : encodeList(tagTwoX, [value], context)),
  };
}

/** The attribute that an operation changed, as it was left: answers of 1.x carry it (KMIP 1.4 §4.14 to §4.16), those of 2.x do not. */
export const changedAttribute: Field<AttributeInstance | undefined> = {
  ...singleAttribute(Tag.NewAttribute, { oneX: true }),
  span: { until: V1_4 },
};

/** Names of attributes: Attribute Name in 1.x, Attribute Reference in 2.x. */
export const attributeNames: Field<readonly string[]> = {
  tags: [Tag.AttributeName, Tag.AttributeReference],
  optional: true,
  span: {},
  decode: (items, context) =>
    items.map((item) => (item.tag === Tag.AttributeName ? textString : attributeReference).decode(item, context)),
  encode: (names, context) =>
    names
      .filter((name) => isKnownAttribute(name, context))
      .map((name) =>
        context.version < V2_0
          ? textString.encode(Tag.AttributeName, name, context)
          : attributeReference.encode(Tag.AttributeReference, name, context),
      ),
};

/** The name of one attribute: Attribute Name in 1.x, Attribute Reference in 2.x. */
export const attributeName: Field<string | undefined> = {
  ...attributeNames,
  decode(items, context) {
    if (items.length > 1) throw new MessageError("repeated-field", "stands more than once");
    return attributeNames.decode(items, context)[0];
  },
  encode: (name, context) => (name === undefined ? [] : attributeNames.encode([name], context)),
};

/**
 * The attribute fields of Key Value and of Key Wrapping Specification (KMIP 2.1 §3.2, §7.18). The latter names attributes
 * by Attribute Name in every version.
 */
export const keyValueAttributes: {
  readonly values: Field<readonly AttributeInstance[]>;
  readonly names: Field<readonly string[]>;
} = {
  values: attributeList({ always: false }),
  names: {
    ...attributeNames,
    encode: (names, context) => names.map((name) => textString.encode(Tag.AttributeName, name, context)),
  },
};

/** The attributes a Template object holds (KMIP 1.4 §2.2.6). */
export const templateAttributes = attributeList({ always: false });
