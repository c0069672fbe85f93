/** Why an XML or JSON message could not be read or written. */
export const EncodingErrorCode = {
  /** Not well-formed XML or JSON, or with parts that messages do not have. */
  Malformed: "malformed",
  /** A document type declaration, which no message needs and which can make a small text expand without end. */
  DocumentType: "document-type",
  /** A tag that is neither a known name nor a number in the ranges of the specification. */
  BadTag: "bad-tag",
  /** A type that is not one of the item types. */
  UnknownType: "unknown-type",
  /** A value that its type does not allow. */
  BadValue: "bad-value",
  /** A name that the enumeration of the tag does not hold. */
  UnknownName: "unknown-name",
  /** A value that the encoding cannot express. */
  Inexpressible: "inexpressible",
  TooDeep: "too-deep",
  TooManyItems: "too-many-items",
  TooLarge: "too-large",
} as const;

export type EncodingErrorCode = (typeof EncodingErrorCode)[keyof typeof EncodingErrorCode];

/** A message in XML or JSON that is not one, or a message that cannot be written so. Its text never holds a value. */
export class EncodingError extends Error {
  override readonly name = "EncodingError";

  constructor(
    readonly code: EncodingErrorCode,
    detail: string,
  ) {
    super(`${detail} (${code})`);
  }
}
