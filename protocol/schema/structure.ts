import { type Item, ItemType } from "../ttlv/item.js";
import { inSpan, type VersionSpan } from "../versions.js";
import { type Codec, type CodecContext, expectType } from "./codec.js";
import { MessageError } from "./error.js";

/**
 * One field of a structure: it owns every item with one of its tags, and turns them into one property and back.
 * Most fields are one item of one tag; attribute lists own the items of the 1.x and of the 2.x form.
 */
export interface Field<T> {
  readonly tags: readonly number[];
  /** The codec of one item, for fields whose items are each a value of their own. */
  readonly codec?: Codec<unknown>;
  /** Whether it may stand more than once. */
  readonly many?: boolean;
  /** Whether it also owns every item no other field of its structure knows. */
  readonly others?: boolean;
  /** Whether the property may be absent: absent then means `undefined`. */
  readonly optional: boolean;
  /** Where the field stands in answers; requests of other versions that carry it are read all the same. */
  readonly span: VersionSpan;
  decode(items: readonly Item[], context: CodecContext): T;
  /** Gives no item where the value is absent. */
  encode(value: T, context: CodecContext): readonly Item[];
}

type OptionalKeys<Fields> = {
  [K in keyof Fields]: Fields[K] extends Field<infer T> ? (undefined extends T ? K : never) : never;
}[keyof Fields];

/** The object type that a set of fields describes. */
export type FieldsValue<Fields> = {
  readonly [K in Exclude<keyof Fields, OptionalKeys<Fields>>]: Fields[K] extends Field<infer T> ? T : never;
} & { readonly [K in OptionalKeys<Fields>]?: Fields[K] extends Field<infer T> ? T : never };

/** A codec for a structure, with the fields it was declared with. */
export interface StructureCodec<T> extends Codec<T> {
  readonly name: string;
  readonly fields: Readonly<Record<string, Field<unknown>>>;
}

/** A field that must stand exactly once. */
export function required<T>(tag: number, codec: Codec<T>, span: VersionSpan = {}): Field<T> {
  return {
    tags: [tag],
    codec,
    optional: false,
    span,
    decode: (items, context) => codec.decode(only(items), context),
    encode: (value, context) => [codec.encode(tag, value, context)],
  };
}

/** A field that may stand once. */
export function optional<T>(tag: number, codec: Codec<T>, span: VersionSpan = {}): Field<T | undefined> {
  return {
    tags: [tag],
    codec,
    optional: true,
    span,
    decode: (items, context) => (items.length === 0 ? undefined : codec.decode(only(items), context)),
    encode: (value, context) => (value === undefined ? [] : [codec.encode(tag, value, context)]),
  };
}

/** A field that may stand any number of times, in order; an absent one reads as an empty list. */
export function repeated<T>(tag: number, codec: Codec<T>, span: VersionSpan = {}): Field<readonly T[]> {
  return {
    tags: [tag],
    codec,
    many: true,
    optional: true,
    span,
    decode: (items, context) => items.map((item) => codec.decode(item, context)),
    encode: (values, context) => values.map((value) => codec.encode(tag, value, context)),
  };
}

/** A field that takes every item no other field of its structure knows, as it is, such as what vendors add. */
export const otherItems: Field<readonly Item[]> = {
  tags: [],
  others: true,
  optional: true,
  span: {},
  decode: (items) => items,
  encode: (items) => items,
};

function only(items: readonly Item[]): Item {
  const [first] = items;
  if (first === undefined) throw new MessageError("missing-field", "is required");
  if (items.length > 1) throw new MessageError("repeated-field", "stands more than once");
  return first;
}

/** Tags 0x540000 to 0x54ffff belong to vendors; one that we do not know is passed over. */
function isExtensionTag(tag: number): boolean {
  return tag >= 0x540000 && tag <= 0x54ffff;
}

/**
 * Declares a structure. Fields are written in the order they are declared in, which is the specification's; they are
 * read in any order, since real clients differ. Unknown fields are refused, vendor extensions (0x54xxxx) passed over.
 */
export function structure<Fields extends Record<string, Field<never>> | Record<string, Field<unknown>>>(
  name: string,
  fields: Fields,
): StructureCodec<FieldsValue<Fields>> {
  const entries = Object.entries(fields as Record<string, Field<unknown>>);
  const indexByTag = new Map<number, number>();
  const indexOfOthers = entries.findIndex(([, field]) => field.others === true);
  entries.forEach(([, field], index) => {
    for (const tag of field.tags) {
      if (indexByTag.has(tag)) throw new TypeError(`${name} has two fields of tag 0x${tag.toString(16)}`);
      indexByTag.set(tag, index);
    }
  });

  function sort(children: readonly Item[]): (Item[] | undefined)[] {
    const found: (Item[] | undefined)[] = new Array(entries.length);
    for (const child of children) {
      const index = indexByTag.get(child.tag) ?? indexOfOthers;
      if (index === -1) {
        if (isExtensionTag(child.tag)) continue;
        throw new MessageError("unknown-field", `does not know tag 0x${child.tag.toString(16)}`, [name]);
      }
      const items = found[index];
      if (items === undefined) found[index] = [child];
      else items.push(child);
    }
    return found;
  }

  function decode(item: Item, context: CodecContext): FieldsValue<Fields> {
    const found = sort(expectType(item, ItemType.Structure));
    const value: Record<string, unknown> = {};
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index];
      if (entry === undefined || (context.isCriteria === true && found[index] === undefined)) continue;
      try {
        const property = entry[1].decode(found[index] ?? [], context);
        if (property !== undefined) value[entry[0]] = property;
      } catch (error) {
        if (error instanceof MessageError) throw error.within(`${name}.${entry[0]}`);
        throw error;
      }
    }
    return value as FieldsValue<Fields>;
  }

  function encode(tag: number, value: FieldsValue<Fields>, context: CodecContext): Item {
    const items: Item[] = [];
    const properties = value as Record<string, unknown>;
    for (const [key, field] of entries) {
      const property = properties[key];
      if (!inSpan(field.span, context.version) || (property === undefined && field.optional)) continue;
      items.push(...field.encode(property, context));
    }
    return { tag, type: ItemType.Structure, value: items };
  }

  return { name, fields: fields as Readonly<Record<string, Field<unknown>>>, decode, encode };
}
