import type { Item, ItemType } from "../ttlv/item.js";
import type { ProtocolVersion } from "../versions.js";
import { type Codec, type CodecContext, expectType } from "./codec.js";
import { MessageError } from "./error.js";
import { type Field, optional } from "./structure.js";

/** A value that is written as one item type or another; which one is told by the item read or by the value itself. */
export interface Alternative<T> {
  readonly type: ItemType;
  readonly codec: Codec<T>;
  /** Whether a value is of this alternative. */
  is(value: unknown): value is T;
}

/** A codec that tells its alternatives apart by the item type, as Key Material and Key Value need it (KMIP 2.1 §3.2). */
export function eitherOf<A, B>(first: Alternative<A>, second: Alternative<B>): Codec<A | B> {
  return {
    decode(item, context) {
      if (item.type === second.type) return second.codec.decode(item, context);
      expectType(item, first.type);
      return first.codec.decode(item, context);
    },
    encode: (tag, value, context) =>
      first.is(value) ? first.codec.encode(tag, value, context) : second.codec.encode(tag, value as B, context),
  };
}

/** Picks the codec by the version of the message: the shapes of 1.x and 2.x differ for a few fields. */
export function byVersion<T>(pick: (version: number) => Codec<T>): Codec<T> {
  return {
    decode: (item, context) => pick(context.version).decode(item, context),
    encode: (tag, value, context) => pick(context.version).encode(tag, value, context),
  };
}

/** A codec that reads and writes another shape of the same value. */
export function mapped<Wire, T>(
  codec: Codec<Wire>,
  fromWire: (value: Wire, context: CodecContext) => T,
  toWire: (value: T, context: CodecContext) => Wire,
): Codec<T> {
  return {
    decode: (item, context) => fromWire(codec.decode(item, context), context),
    encode: (tag, value, context) => codec.encode(tag, toWire(value, context), context),
  };
}

/** A codec looked up when first used, for structures that contain themselves. */
export function lazily<T>(provide: () => Codec<T>): Codec<T> {
  return {
    decode: (item, context) => provide().decode(item, context),
    encode: (tag, value, context) => provide().encode(tag, value, context),
  };
}

/** A field that must stand at least once. */
export function oneOrMore<T>(field: Field<readonly T[]>): Field<readonly T[]> {
  return {
    ...field,
    optional: false,
    decode(items: readonly Item[], context) {
      if (items.length === 0) throw new MessageError("missing-field", "is required");
      return field.decode(items, context);
    },
  };
}

/** A field whose value must be there, made from one that may be left out. */
export function mandatory<T>(field: Field<T | undefined>): Field<T> {
  return {
    ...field,
    optional: false,
    decode(items, context) {
      const value = field.decode(items, context);
      if (value === undefined) throw new MessageError("missing-field", "is required");
      return value;
    },
  };
}

/** A field that may stand once and that bears another tag from a version on. It is read under either. */
export function retagged<T>(
  tagBefore: number,
  since: ProtocolVersion,
  tag: number,
  codec: Codec<T>,
): Field<T | undefined> {
  const before = optional(tagBefore, codec);
  const after = optional(tag, codec);
  return {
    ...after,
    tags: [tagBefore, tag],
    encode: (value, context) => (context.version < since ? before : after).encode(value, context),
  };
}
