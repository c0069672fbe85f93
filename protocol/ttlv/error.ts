/** Why a TTLV message could not be read or written. */
export const TtlvErrorCode = {
  /** The bytes end before the item does. */
  Truncated: "truncated",
  /** Bytes follow the item. */
  TrailingBytes: "trailing-bytes",
  /** The tag starts with neither 42 nor 54 (hexadecimal). */
  BadTag: "bad-tag",
  /** The type is not one of the item types. */
  UnknownType: "unknown-type",
  /** The length is not one that the type allows. */
  WrongLength: "wrong-length",
  /** An item reaches beyond the structure that holds it. */
  Overrun: "overrun",
  /** A padding byte is not zero. */
  BadPadding: "bad-padding",
  /** A Boolean is neither 0 nor 1. */
  BadBoolean: "bad-boolean",
  /** A Text String is not UTF-8. */
  BadText: "bad-text",
  /** A value does not fit its type; only when writing. */
  OutOfRange: "out-of-range",
  /** A message must be a structure. */
  NotAStructure: "not-a-structure",
  TooDeep: "too-deep",
  TooManyItems: "too-many-items",
  TooLarge: "too-large",
} as const;

export type TtlvErrorCode = (typeof TtlvErrorCode)[keyof typeof TtlvErrorCode];

/** A message that is not well-formed TTLV (KMIP 2.1 §9.1) or exceeds a limit. Its text never holds bytes of the message. */
export class TtlvError extends Error {
  override readonly name = "TtlvError";

  constructor(
    readonly code: TtlvErrorCode,
    /** Where in the message, in bytes from its start: the item's header, or the byte at fault. */
    readonly offset: number,
    detail: string,
  ) {
    super(`${detail} (${code} at byte ${offset})`);
  }
}
