import { BlockCipherMode, CryptographicAlgorithm } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { HashName, MacSpecification } from "../port.js";
import { hashNamed } from "./hashes.js";
import { badParameters, type MechanismKey, unsupportedParameters } from "./key.js";

const hmacs: ReadonlyMap<number, HashName> = new Map<number, HashName>([
  [CryptographicAlgorithm.HMAC_MD5, "md5"],
  [CryptographicAlgorithm.HMAC_SHA1, "sha1"],
  [CryptographicAlgorithm.HMAC_SHA224, "sha224"],
  [CryptographicAlgorithm.HMAC_SHA256, "sha256"],
  [CryptographicAlgorithm.HMAC_SHA384, "sha384"],
  [CryptographicAlgorithm.HMAC_SHA512, "sha512"],
  [CryptographicAlgorithm.HMAC_SHA3_224, "sha3-224"],
  [CryptographicAlgorithm.HMAC_SHA3_256, "sha3-256"],
  [CryptographicAlgorithm.HMAC_SHA3_384, "sha3-384"],
  [CryptographicAlgorithm.HMAC_SHA3_512, "sha3-512"],
]);

/** Block ciphers that message authentication codes are built of, with the length of their blocks in bytes. */
export const macCiphers: ReadonlyMap<number, number> = new Map([
  [CryptographicAlgorithm.AES, 16],
  [CryptographicAlgorithm.DES3, 8],
  [CryptographicAlgorithm.Camellia, 16],
  [CryptographicAlgorithm.ARIA, 16],
  [CryptographicAlgorithm.SM4, 16],
]);

/** The message authentication codes that a Block Cipher Mode names. */
const blockMacs: ReadonlyMap<number, "cmac" | "cbc-mac"> = new Map<number, "cmac" | "cbc-mac">([
  [BlockCipherMode.CMAC, "cmac"],
  [BlockCipherMode.CBC_MAC, "cbc-mac"],
]);

/**
 * The message authentication code for a key and Cryptographic Parameters (KMIP 2.1 §4.16, §6.1.32): HMAC as the
 * parameters name it, else as the key's own algorithm does; CMAC where the parameters name it or the block cipher.
 * Throws KmipError.
 */
export function chooseMac(key: MechanismKey, parameters: CryptographicParameters): MacSpecification {
  const { blockCipherMode, cryptographicAlgorithm } = parameters;
  const name = blockCipherMode === undefined ? undefined : blockMacs.get(blockCipherMode);
  if (blockCipherMode !== undefined && name === undefined) {
    throw unsupportedParameters("this Block Cipher Mode makes no message authentication code here");
  }
  if (name !== undefined || (cryptographicAlgorithm !== undefined && macCiphers.has(cryptographicAlgorithm))) {
    return chooseBlockMac(key, parameters, name ?? "cmac");
  }
  return { name: "hmac", hash: hmacHash(key, parameters) };
}

function chooseBlockMac(
  key: MechanismKey,
  { cryptographicAlgorithm }: CryptographicParameters,
  name: "cmac" | "cbc-mac",
): MacSpecification {
  if (key.algorithm === undefined || !macCiphers.has(key.algorithm)) {
    throw badParameters("this code is made with the key of a block cipher");
  }
  if (cryptographicAlgorithm !== undefined && cryptographicAlgorithm !== key.algorithm) {
    throw badParameters("the Cryptographic Algorithm of the parameters is not that of the key");
  }
  return { name };
}

function hmacHash(key: MechanismKey, { cryptographicAlgorithm, hashingAlgorithm }: CryptographicParameters): HashName {
  const own = key.algorithm === undefined ? undefined : hmacs.get(key.algorithm);
  const asked = cryptographicAlgorithm === undefined ? undefined : hmacs.get(cryptographicAlgorithm);
  if (cryptographicAlgorithm !== undefined && asked === undefined) {
    throw unsupportedParameters("this Cryptographic Algorithm makes no message authentication code here");
  }
  const beside = hashingAlgorithm === undefined ? undefined : hashNamed(hashingAlgorithm);
  const hashes = [asked, own, beside].filter((hash) => hash !== undefined);
  const [hash] = hashes;
  if (hash === undefined) throw badParameters("the Cryptographic Parameters name no algorithm");
  if (hashes.some((each) => each !== hash)) throw badParameters("the parameters and the key name different algorithms");
  return hash;
}
