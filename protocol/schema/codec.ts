import { type Item, ItemType } from "../ttlv/item.js";
import type { ProtocolVersion } from "../versions.js";
import { MessageError } from "./error.js";

/** What a codec needs to know of the message around it. */
export interface CodecContext {
  /** The version of the message being read or written. */
  readonly version: ProtocolVersion;
  /** Values are read as search criteria: fields of structures may be left out, dates may lie behind every calendar. */
  readonly isCriteria?: boolean;
}

/** Reads a value of type T from one TTLV item and writes it as one. `encode` is exact for the context's version. */
export interface Codec<T> {
  decode(item: Item, context: CodecContext): T;
  encode(tag: number, value: T, context: CodecContext): Item;
}

/** The value type of a codec. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

type ItemValue<Type extends ItemType> = Extract<Item, { type: Type }>["value"];

function wrongType(item: Item, expected: ItemType): MessageError {
  const nameOf = (type: ItemType): string =>
    Object.entries(ItemType).find(([, code]) => code === type)?.[0] ?? String(type);
  return new MessageError("wrong-type", `is of type ${nameOf(item.type)}, not ${nameOf(expected)}`);
}

/** The value of an item that must be of the given type. Throws MessageError `wrong-type`. */
export function expectType<Type extends ItemType>(item: Item, type: Type): ItemValue<Type> {
  if (item.type !== type) throw wrongType(item, type);
  return item.value as ItemValue<Type>;
}

function primitive<Type extends Exclude<ItemType, typeof ItemType.Structure>>(type: Type): Codec<ItemValue<Type>> {
  return {
    decode: (item) => expectType(item, type),
    encode: (tag, value) => ({ tag, type, value }) as Item,
  };
}

/** Integer: a number of 32 bits, signed. Bit masks are Integers. */
export const integer = primitive(ItemType.Integer);
/** Long Integer: a bigint of 64 bits, signed. */
export const longInteger = primitive(ItemType.LongInteger);
/** Big Integer: a bigint. */
export const bigInteger = primitive(ItemType.BigInteger);
/** Boolean. */
export const boolean = primitive(ItemType.Boolean);
/** Text String. */
export const textString = primitive(ItemType.TextString);
/** Byte String: a Buffer that may share memory with the message. */
export const byteString = primitive(ItemType.ByteString);
/** Interval, in seconds. */
export const interval = primitive(ItemType.Interval);
/** Date-Time Extended: microseconds since 1970, UTC, as a bigint. */
export const dateTimeExtended = primitive(ItemType.DateTimeExtended);

/** The largest distance from 1970 a JavaScript Date can express, in seconds. */
export const farthestSecond = 8_640_000_000_000n;

/** Date-Time: seconds since 1970, UTC, as a number. Dates a JavaScript Date cannot express are `out-of-range`. */
export const dateTime: Codec<number> = {
  decode(item, { isCriteria }) {
    const seconds = expectType(item, ItemType.DateTime);
    if (isCriteria === true && seconds > farthestSecond) return Number(farthestSecond);
    if (seconds > farthestSecond || seconds < -farthestSecond) {
      throw new MessageError("out-of-range", "is a date no calendar can express");
    }
    return Number(seconds);
  },
  encode: (tag, value) => ({ tag, type: ItemType.DateTime, value: BigInt(value) }),
};

/** Any item as it is: custom attribute values, vendor extensions, fields whose shape depends on others. */
export const anyItem: Codec<Item> = {
  decode: (item) => item,
  encode: (tag, value) => (value.tag === tag ? value : { ...value, tag }),
};
