import pkcs11js from "pkcs11js";
import type { CustodyRequest, GeneratePairRequest, GenerateSecretRequest, ImportRequest, KeyType } from "../../port.js";
import { isPartitionKey, type PartitionKey } from "../partition-keys.js";
import { derLength } from "./der.js";
import { invalidData, unsupported } from "./errors.js";
import { CURVES, TWO_KEY_LENGTH } from "./templates.js";

const TOKEN_ID_LENGTH = 16;

/** Room for the PKCS#8 DER of the largest private key (RSA-16384), in bytes. */
export const PRIVATE_KEY_ROOM = 16 * 1024;

/** What a token is asked for at all; which keys a tenant may have is decided above. */
const RSA_BITS = { least: 1024, most: 4096 } as const;

const AES_LENGTHS: readonly number[] = [16, 24, 32];

/** How a secret key is made. */
export interface SecretKind {
  readonly mechanism: number;
  readonly length: number;
  /** The length is an attribute of the template, not a matter of the mechanism. */
  readonly statesLength: boolean;
}

/** How to make what is asked for; throws `unsupported` for a size its type does not have. */
export function secretKind(request: GenerateSecretRequest, longestSecret: number): SecretKind {
  switch (request.keyType) {
    case "aes":
      if (!AES_LENGTHS.includes(request.bits / 8)) {
        throw unsupported(`AES keys have 128, 192 or 256 bits, not ${request.bits}`);
      }
      return { mechanism: pkcs11js.CKM_AES_KEY_GEN, length: request.bits / 8, statesLength: true };
    case "des3":
      if (request.bits !== 112 && request.bits !== 168) {
        throw unsupported(`triple DES keys have 112 or 168 bits, not ${request.bits}`);
      }
      return request.bits === 112
        ? { mechanism: pkcs11js.CKM_DES2_KEY_GEN, length: TWO_KEY_LENGTH, statesLength: false }
        : { mechanism: pkcs11js.CKM_DES3_KEY_GEN, length: 24, statesLength: false };
    case "generic":
      if (!Number.isInteger(request.bits / 8) || request.bits < 8 || request.bits / 8 > longestSecret) {
        throw unsupported(`secrets have whole bytes, at most ${longestSecret}; asked for ${request.bits} bits`);
      }
      return { mechanism: pkcs11js.CKM_GENERIC_SECRET_KEY_GEN, length: request.bits / 8, statesLength: true };
  }
}

/** The identifier a token key shall carry. Refuses those of the partition's own keys. */
export function tokenIdentity(request: CustodyRequest): PartitionKey {
  if (request.tokenId?.length !== TOKEN_ID_LENGTH || isPartitionKey(request.tokenId)) {
    throw invalidData("a key of the token needs an identifier of 16 random bytes");
  }
  return { label: request.objectId, tokenId: request.tokenId };
}

/** Attributes of a new public key that say what pair is made; throws `unsupported` for a size or exponent we do not make. */
export function pairParameters(algorithm: GeneratePairRequest["algorithm"]): pkcs11js.Template {
  if (algorithm.keyType === "ec") {
    return [{ type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(CURVES[algorithm.curve].parameters, "hex") }];
  }
  const { bits, publicExponent } = algorithm;
  if (!Number.isInteger(bits / 8) || bits < RSA_BITS.least || bits > RSA_BITS.most) {
    throw unsupported(`RSA keys have ${RSA_BITS.least} to ${RSA_BITS.most} bits, not ${bits}`);
  }
  if (publicExponent < 65537n || publicExponent % 2n === 0n || publicExponent > 0xffffffffn) {
    throw unsupported("the public exponent is odd, 65537 or more, and has at most 32 bits");
  }
  const digits = publicExponent.toString(16);
  const exponent = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return [
    { type: pkcs11js.CKA_MODULUS_BITS, value: bits },
    { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: exponent },
  ];
}

/** As checkImport, where only the length of the value is known. */
export function checkLength(
  request: Pick<ImportRequest, "keyType" | "keyClass">,
  length: number,
  longestSecret: number,
): void {
  if (request.keyClass === "secret" && length > longestSecret) {
    throw unsupported(`the token takes secrets of at most ${longestSecret} bytes`);
  }
  const fits: Readonly<Record<KeyType, boolean>> = {
    aes: AES_LENGTHS.includes(length),
    des3: length === TWO_KEY_LENGTH || length === 24,
    generic: length >= 1,
    rsa: length >= 1 && length <= PRIVATE_KEY_ROOM,
    ec: length >= 1 && length <= PRIVATE_KEY_ROOM,
  };
  if (!fits[request.keyType]) throw noKey(request.keyType, length);
}

/** Throws `invalid-data` unless a value can be a key of that type, `unsupported` for a secret too long for the token. */
export function checkImport(
  request: Pick<ImportRequest, "value" | "keyType" | "keyClass">,
  longestSecret: number,
): void {
  const { length } = request.value;
  checkLength(request, length, longestSecret);
  if (request.keyClass === "private" && derLength(request.value) !== length) throw noKey(request.keyType, length);
}

function noKey(keyType: KeyType, length: number): Error {
  return invalidData(`${length} bytes are no ${keyType} key`);
}
