import { BlockCipherMode } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { WrapSpecification } from "../port.js";
import { checkAlgorithm, type MechanismKey, unsupportedParameters } from "./key.js";
import { rsaCipher } from "./rsa-ciphers.js";

/** Wrapping with AES, by Block Cipher Mode; RFC 3394 where none is named. */
const aesWraps: ReadonlyMap<number, WrapSpecification> = new Map<number, WrapSpecification>([
  [BlockCipherMode.NISTKeyWrap, { name: "aes-kw" }],
  [BlockCipherMode.AESKeyWrapPadding, { name: "aes-kwp" }],
]);

/**
 * The mechanism made for wrapping keys that a key and Cryptographic Parameters name (KMIP 2.1 §3.3); undefined where they
 * name a cipher for data. Throws KmipError.
 */
export function keyWrapOf(key: MechanismKey, parameters: CryptographicParameters): WrapSpecification | undefined {
  checkAlgorithm(key, parameters);
  if (key.keyType !== "aes") return undefined;
  return aesWraps.get(parameters.blockCipherMode ?? BlockCipherMode.NISTKeyWrap);
}

/** The mechanism by which the token itself wraps and unwraps: one made for it, or RSA. Throws KmipError for others. */
export function chooseWrap(key: MechanismKey, parameters: CryptographicParameters): WrapSpecification {
  const wrap = keyWrapOf(key, parameters);
  if (wrap !== undefined) return wrap;
  if (key.keyType === "rsa") return rsaCipher(parameters);
  throw unsupportedParameters("the token wraps no keys so");
}
