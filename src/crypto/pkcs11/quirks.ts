import pkcs11js from "pkcs11js";

/** CKM_AES_KEY_WRAP_KWP of PKCS#11 3.0 §6.13 (RFC 5649), which pkcs11js does not name. */
const CKM_AES_KEY_WRAP_KWP = 0x210b;

/** CKA_NSS_DB (NSS, pkcs11n.h). */
const CKA_NSS_DB = 0xd5a0db00;

/** Where a module departs from the standard, or leaves it open. One row a module. */
export interface Quirks {
  readonly name: string;
  /** The mechanism that wraps according to RFC 5649. */
  readonly paddedWrapMechanism: number;
  /** The padded wrap fills up with zeros and seals the filled-up length, so that the true length must be kept beside it. */
  readonly padsWithZeros: boolean;
  /** Key objects are files of the token folder which the module does not make durable. */
  readonly keepsFiles: boolean;
  /** CKM_RSA_PKCS_OAEP only with SHA-1, MGF1 with SHA-1 and an empty label. */
  readonly plainOaepOnly: boolean;
  /** C_UnwrapKey sets the value after the object is made, and so fails for one that is not modifiable. */
  readonly unwrapsModifiableOnly: boolean;
  /** Refuses input of no bytes in one part; a multi-part operation of no parts does instead. */
  readonly refusesEmptyPart: boolean;
  /** Largest secret that may be unwrapped, in bytes; a private key beyond it cannot be read as a secret. */
  readonly longestSecret: number;
  /** An attribute that unwrapping an EC private key asks for, filled with anything; null where none is. */
  readonly ecUnwrapAttribute: number | null;
  /** CKM_RSA_PKCS_PSS only with an MGF1 hash equal to the message hash. */
  readonly pssMaskFollowsHash: boolean;
}

const STANDARD: Quirks = {
  name: "standard",
  paddedWrapMechanism: CKM_AES_KEY_WRAP_KWP,
  padsWithZeros: false,
  keepsFiles: false,
  plainOaepOnly: false,
  unwrapsModifiableOnly: false,
  refusesEmptyPart: false,
  longestSecret: 1024 * 1024,
  ecUnwrapAttribute: null,
  pssMaskFollowsHash: false,
};

const ROWS: readonly { readonly manufacturer: string; readonly quirks: Quirks }[] = [
  {
    manufacturer: "SoftHSM",
    quirks: {
      ...STANDARD,
      name: "softhsm",
      paddedWrapMechanism: pkcs11js.CKM_AES_KEY_WRAP_PAD,
      padsWithZeros: true,
      keepsFiles: true,
      plainOaepOnly: true,
      unwrapsModifiableOnly: true,
      refusesEmptyPart: true,
      pssMaskFollowsHash: true,
    },
  },
  {
    manufacturer: "Mozilla Foundation",
    quirks: { ...STANDARD, name: "nss", longestSecret: 256, ecUnwrapAttribute: CKA_NSS_DB },
  },
];

/** The quirks of the module whose C_GetInfo names this manufacturer. */
export function quirksOf(manufacturer: string): Quirks {
  return ROWS.find((row) => row.manufacturer === manufacturer.trim())?.quirks ?? STANDARD;
}
