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

/** The mechanism to wrap keys with a key and Cryptographic Parameters (KMIP 2.1 §3.1). Throws KmipError. */
export function chooseWrap(key: MechanismKey, parameters: CryptographicParameters): WrapSpecification {
  checkAlgorithm(key, parameters);
  if (key.keyType === "rsa") return rsaCipher(parameters);
  if (key.keyType !== "aes") throw unsupportedParameters("keys are wrapped with AES and RSA keys");
  const { blockCipherMode = BlockCipherMode.NISTKeyWrap } = parameters;
  const wrap = aesWraps.get(blockCipherMode);
  if (wrap === undefined) throw unsupportedParameters("this Block Cipher Mode wraps no keys here");
  return wrap;
}
