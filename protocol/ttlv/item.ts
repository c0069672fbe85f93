/** The item types of TTLV (KMIP 2.1 §9.1.1.2), named as the specification names them. */
export const ItemType = {
  Structure: 0x01,
  Integer: 0x02,
  LongInteger: 0x03,
  BigInteger: 0x04,
  Enumeration: 0x05,
  Boolean: 0x06,
  TextString: 0x07,
  ByteString: 0x08,
  DateTime: 0x09,
  Interval: 0x0a,
  DateTimeExtended: 0x0b,
  /** From 3.0 on: the identifier of the object itself. */
  Identifier: 0x0c,
  /** From 3.0 on: the identifier of another object. */
  Reference: 0x0d,
  /** From 3.0 on: the name of another object. */
  NameReference: 0x0e,
} as const;

/** One of the item type codes. */
export type ItemType = (typeof ItemType)[keyof typeof ItemType];

/**
 * One TTLV item: a tag (three bytes), a type and a value in the JavaScript form of that type.
 *
 * - Integer: a number, −2³¹ to 2³¹−1. Enumeration and Interval (seconds): a number, 0 to 2³²−1.
 * - Long Integer, Date-Time (seconds since 1970, UTC), Date-Time Extended (microseconds): a bigint of 64 bits, signed.
 * - Big Integer: a bigint of any size, signed.
 * - Text String, and the Identifier, Reference and Name Reference of 3.0: a JavaScript string. Byte String: a Buffer, which may share memory with the message it was read from.
 */
export type Item =
  | { readonly tag: number; readonly type: typeof ItemType.Structure; readonly value: readonly Item[] }
  | { readonly tag: number; readonly type: typeof ItemType.Integer; readonly value: number }
  | { readonly tag: number; readonly type: typeof ItemType.LongInteger; readonly value: bigint }
  | { readonly tag: number; readonly type: typeof ItemType.BigInteger; readonly value: bigint }
  | { readonly tag: number; readonly type: typeof ItemType.Enumeration; readonly value: number }
  | { readonly tag: number; readonly type: typeof ItemType.Boolean; readonly value: boolean }
  | { readonly tag: number; readonly type: typeof ItemType.TextString; readonly value: string }
  | { readonly tag: number; readonly type: typeof ItemType.Identifier; readonly value: string }
  | { readonly tag: number; readonly type: typeof ItemType.Reference; readonly value: string }
  | { readonly tag: number; readonly type: typeof ItemType.NameReference; readonly value: string }
  | { readonly tag: number; readonly type: typeof ItemType.ByteString; readonly value: Buffer }
  | { readonly tag: number; readonly type: typeof ItemType.DateTime; readonly value: bigint }
  | { readonly tag: number; readonly type: typeof ItemType.Interval; readonly value: number }
  | { readonly tag: number; readonly type: typeof ItemType.DateTimeExtended; readonly value: bigint };

/** A TTLV item of type Structure. */
export type StructureItem = Extract<Item, { type: typeof ItemType.Structure }>;

/** A TTLV item of any other type. */
export type Primitive = Exclude<Item, StructureItem>;
