/** Where a module departs from the standard, or leaves it open. */
export interface Quirks {
  /** The mechanism that wraps according to RFC 5649; null where none does. */
  readonly paddedWrapMechanism: number | null;
  /** The padded wrap fills up with zeros and seals the filled-up length, so that the true length must be kept beside it. */
  readonly padsWithZeros: boolean;
  /** Key objects are files of the token folder which the module does not make durable. */
  readonly keepsFiles: boolean;
  /** Which form of CK_GCM_PARAMS it reads: that of PKCS#11 2.40 with the bits of the IV, or the one before without. */
  readonly gcmParameters: "v2.40" | "older";
  /** Encrypts by AES-GCM in parts. */
  readonly gcmInParts: boolean;
  /** CKM_RSA_PKCS_OAEP only with SHA-1, MGF1 with SHA-1 and an empty label. */
  readonly plainOaepOnly: boolean;
  /** CKM_RSA_PKCS_PSS only with an MGF1 hash equal to the message hash. */
  readonly pssMaskFollowsHash: boolean;
  /** C_UnwrapKey sets the value after the object is made, and so fails for one that is not modifiable. */
  readonly unwrapsModifiableOnly: boolean;
  /** Refuses input of no bytes in one part; a multi-part operation of no parts does instead. */
  readonly refusesEmptyPart: boolean;
  /** Largest secret that may be unwrapped, in bytes; a private key beyond it cannot be read as a secret. */
  readonly longestSecret: number;
  /** An attribute that unwrapping an EC private key asks for, filled with anything; null where none is. */
  readonly ecUnwrapAttribute: number | null;
}

/** The quirks of a module whose padded wrap was found. */
export type UsableQuirks = Quirks & { readonly paddedWrapMechanism: number };

/** CKM_AES_KEY_WRAP_KWP of PKCS#11 3.0 §6.13 (RFC 5649), which pkcs11js does not name. */
export const CKM_AES_KEY_WRAP_KWP = 0x210b;

/** A module that does as the standard says. */
export const STANDARD: UsableQuirks = {
  paddedWrapMechanism: CKM_AES_KEY_WRAP_KWP,
  padsWithZeros: false,
  keepsFiles: false,
  gcmParameters: "v2.40",
  gcmInParts: true,
  plainOaepOnly: false,
  pssMaskFollowsHash: false,
  unwrapsModifiableOnly: false,
  refusesEmptyPart: false,
  longestSecret: 1024 * 1024,
  ecUnwrapAttribute: null,
};

/** What the values of a profile's quirks may be. */
type Kind = "boolean" | "number" | "number or null" | readonly string[];

/** One row a quirk, as profiles are read by it. */
export const QUIRK_KINDS: Readonly<Record<keyof Quirks, Kind>> = {
  paddedWrapMechanism: "number or null",
  padsWithZeros: "boolean",
  keepsFiles: "boolean",
  gcmParameters: ["v2.40", "older"],
  gcmInParts: "boolean",
  plainOaepOnly: "boolean",
  pssMaskFollowsHash: "boolean",
  unwrapsModifiableOnly: "boolean",
  refusesEmptyPart: "boolean",
  longestSecret: "number",
  ecUnwrapAttribute: "number or null",
};
