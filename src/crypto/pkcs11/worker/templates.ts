import pkcs11js from "pkcs11js";
import type { CurveName, KeyClass, KeyType, KeyUsage } from "../../port.js";
import type { PartitionKey } from "../partition-keys.js";
import type { Quirks } from "../profiles/quirks.js";
import { invalidData } from "./errors.js";

/** What a key may do by its type and class: the most that a template grants. */
const POSSIBLE: Readonly<Record<KeyType, Readonly<Partial<Record<KeyClass, readonly KeyUsage[]>>>>> = {
  aes: { secret: ["encrypt", "decrypt", "sign", "verify", "wrap", "unwrap"] },
  des3: { secret: ["encrypt", "decrypt", "sign", "verify"] },
  generic: { secret: ["sign", "verify"] },
  rsa: { private: ["decrypt", "sign", "unwrap"], public: ["encrypt", "verify", "wrap"] },
  ec: { private: ["sign", "derive"], public: ["verify"] },
};

const USAGE_ATTRIBUTES: Readonly<Record<KeyUsage, number>> = {
  encrypt: pkcs11js.CKA_ENCRYPT,
  decrypt: pkcs11js.CKA_DECRYPT,
  sign: pkcs11js.CKA_SIGN,
  verify: pkcs11js.CKA_VERIFY,
  wrap: pkcs11js.CKA_WRAP,
  unwrap: pkcs11js.CKA_UNWRAP,
  derive: pkcs11js.CKA_DERIVE,
};

const CLASSES: Readonly<Record<KeyClass, number>> = {
  secret: pkcs11js.CKO_SECRET_KEY,
  private: pkcs11js.CKO_PRIVATE_KEY,
  public: pkcs11js.CKO_PUBLIC_KEY,
};

/** Named curves: the DER of the object identifier for CKA_EC_PARAMS and the length of a coordinate in bytes. */
export const CURVES: Readonly<Record<CurveName, { readonly parameters: string; readonly coordinateLength: number }>> = {
  "P-256": { parameters: "06082a8648ce3d030107", coordinateLength: 32 },
  "P-384": { parameters: "06052b81040022", coordinateLength: 48 },
  "P-521": { parameters: "06052b81040023", coordinateLength: 66 },
};

/** Length in bytes of a two-key triple DES key. */
export const TWO_KEY_LENGTH = 16;

/** CKO_ value of a class of keys. */
export function objectClass(keyClass: KeyClass): number {
  return CLASSES[keyClass];
}

/** CKK_ value of a type of keys; `length` in bytes tells two-key from three-key triple DES. */
export function keyTypeCode(keyType: KeyType, length: number): number {
  switch (keyType) {
    case "aes":
      return pkcs11js.CKK_AES;
    case "des3":
      return length === TWO_KEY_LENGTH ? pkcs11js.CKK_DES2 : pkcs11js.CKK_DES3;
    case "generic":
      return pkcs11js.CKK_GENERIC_SECRET;
    case "rsa":
      return pkcs11js.CKK_RSA;
    case "ec":
      return pkcs11js.CKK_EC;
  }
}

/** What a key of that type and class can do, narrowed to `usages` where given. */
export function permittedUsages(
  keyType: KeyType,
  keyClass: KeyClass,
  usages: readonly KeyUsage[] | undefined,
): readonly KeyUsage[] {
  const possible = POSSIBLE[keyType][keyClass];
  if (possible === undefined) {
    throw invalidData(`there is no ${keyClass} key of type ${keyType}`);
  }
  return usages === undefined ? possible : possible.filter((usage) => usages.includes(usage));
}

/** CKA_ENCRYPT and its like, each stated: true for the permitted usages, false for the others of that class of keys. */
export function usageAttributes(keyClass: KeyClass, permitted: readonly KeyUsage[]): pkcs11js.Template {
  const relevant: Readonly<Record<KeyClass, readonly KeyUsage[]>> = {
    secret: ["encrypt", "decrypt", "sign", "verify", "wrap", "unwrap"],
    private: ["decrypt", "sign", "unwrap", "derive"],
    public: ["encrypt", "verify", "wrap"],
  };
  return relevant[keyClass].map((usage) => ({ type: USAGE_ATTRIBUTES[usage], value: permitted.includes(usage) }));
}

/** Class and type of a key. */
export function identity(keyClass: KeyClass, typeCode: number): pkcs11js.Template {
  return [
    { type: pkcs11js.CKA_CLASS, value: objectClass(keyClass) },
    { type: pkcs11js.CKA_KEY_TYPE, value: typeCode },
  ];
}

/** What a module asks for beyond the standard when it unwraps a key. */
export function unwrapAttributes(quirks: Quirks, key: { keyClass: KeyClass; keyType: KeyType }): pkcs11js.Template {
  const asked = key.keyClass === "private" && key.keyType === "ec" ? quirks.ecUnwrapAttribute : null;
  return asked === null ? [] : [{ type: asked, value: Buffer.alloc(1, 1) }];
}

/** A secret or private key that lives as long as its session and can be wrapped, so as to be kept outside. */
export const SESSION_KEY: pkcs11js.Template = [
  { type: pkcs11js.CKA_TOKEN, value: false },
  { type: pkcs11js.CKA_PRIVATE, value: true },
  { type: pkcs11js.CKA_SENSITIVE, value: true },
  { type: pkcs11js.CKA_EXTRACTABLE, value: true },
];

/** A generic secret that goes from one wrapping to another, and whose value is not read. */
export const SEALED_SECRET: pkcs11js.Template = [...identity("secret", pkcs11js.CKK_GENERIC_SECRET), ...SESSION_KEY];

/** A generic secret whose value may be read: for export, for digests and for what the token will not take as it is. */
export const READABLE_SECRET: pkcs11js.Template = [
  ...identity("secret", pkcs11js.CKK_GENERIC_SECRET),
  { type: pkcs11js.CKA_TOKEN, value: false },
  { type: pkcs11js.CKA_PRIVATE, value: true },
  { type: pkcs11js.CKA_SENSITIVE, value: false },
  { type: pkcs11js.CKA_EXTRACTABLE, value: true },
];

/**
 * A secret or private key that stays in the token for ever, complete at its creation. Nothing modifies it, whether or not
 * the token would let it be.
 */
export function tokenKeyAttributes(key: PartitionKey, modifiable = false): pkcs11js.Template {
  return [
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_PRIVATE, value: true },
    { type: pkcs11js.CKA_SENSITIVE, value: true },
    { type: pkcs11js.CKA_EXTRACTABLE, value: false },
    { type: pkcs11js.CKA_MODIFIABLE, value: modifiable },
    { type: pkcs11js.CKA_LABEL, value: key.label },
    { type: pkcs11js.CKA_ID, value: key.tokenId },
  ];
}
