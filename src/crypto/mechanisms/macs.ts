import { BlockCipherMode, CryptographicAlgorithm } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { HashName, MacSpecification } from "../port.js";
import { hashNamed } from "./hashes.js";
import { badParameters, type MechanismKey, unsupportedParameters } from "./key.js";

const hmacs: ReadonlyMap<number, HashName> = new Map<number, HashName>([
  [CryptographicAlgorithm.HMAC_SHA1, "sha1"],
  [CryptographicAlgorithm.HMAC_SHA224, "sha224"],
  [CryptographicAlgorithm.HMAC_SHA256, "sha256"],
  [CryptographicAlgorithm.HMAC_SHA384, "sha384"],
  [CryptographicAlgorithm.HMAC_SHA512, "sha512"],
]);

/** Block ciphers that CMAC is built of. */
const cmacCiphers: ReadonlySet<number> = new Set([CryptographicAlgorithm.AES, CryptographicAlgorithm.DES3]);

/**
 * The message authentication code for a key and Cryptographic Parameters (KMIP 2.1 §4.16, §6.1.32): HMAC as the
 * parameters name it, else as the key's own algorithm does; CMAC where the parameters name it or the block cipher.
 * Throws KmipError.
 */
export function chooseMac(key: MechanismKey, parameters: CryptographicParameters): MacSpecification {
  const { blockCipherMode, cryptographicAlgorithm } = parameters;
  if (blockCipherMode !== undefined && blockCipherMode !== BlockCipherMode.CMAC) {
    throw unsupportedParameters("this Block Cipher Mode makes no message authentication code here");
  }
  if (
    blockCipherMode !== undefined ||
    (cryptographicAlgorithm !== undefined && cmacCiphers.has(cryptographicAlgorithm))
  ) {
    return chooseCmac(key, parameters);
  }
  return { name: "hmac", hash: hmacHash(key, parameters) };
}

function chooseCmac(key: MechanismKey, { cryptographicAlgorithm }: CryptographicParameters): MacSpecification {
  if (key.algorithm === undefined || !cmacCiphers.has(key.algorithm)) {
    throw badParameters("CMAC is done with AES and 3DES keys");
  }
  if (cryptographicAlgorithm !== undefined && cryptographicAlgorithm !== key.algorithm) {
    throw badParameters("the Cryptographic Algorithm of the parameters is not that of the key");
  }
  return { name: "cmac" };
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
