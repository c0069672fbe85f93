import { HashingAlgorithm, MaskGenerator } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { HashName } from "../port.js";
import { badParameters, unsupportedParameters } from "./key.js";

/** Hash functions that are done, by Hashing Algorithm. */
const hashes: ReadonlyMap<number, HashName> = new Map<number, HashName>([
  [HashingAlgorithm.MD5, "md5"],
  [HashingAlgorithm.SHA_1, "sha1"],
  [HashingAlgorithm.SHA_224, "sha224"],
  [HashingAlgorithm.SHA_256, "sha256"],
  [HashingAlgorithm.SHA_384, "sha384"],
  [HashingAlgorithm.SHA_512, "sha512"],
  [HashingAlgorithm.RIPEMD_160, "ripemd160"],
  [HashingAlgorithm.SHA_512_224, "sha512-224"],
  [HashingAlgorithm.SHA_512_256, "sha512-256"],
  [HashingAlgorithm.SHA3_224, "sha3-224"],
  [HashingAlgorithm.SHA3_256, "sha3-256"],
  [HashingAlgorithm.SHA3_384, "sha3-384"],
  [HashingAlgorithm.SHA3_512, "sha3-512"],
]);

/** Length of a digest in bytes. */
export const digestLength: Readonly<Record<HashName, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  "sha512-224": 28,
  "sha512-256": 32,
  "sha3-224": 28,
  "sha3-256": 32,
  "sha3-384": 48,
  "sha3-512": 64,
  ripemd160: 20,
};

/** Hash functions that nothing new is protected with. */
const broken: ReadonlySet<HashName> = new Set<HashName>(["md5"]);

/** The hash function of a Hashing Algorithm. Throws KmipError `UnsupportedCryptographicParameters`. */
export function hashNamed(hashingAlgorithm: number): HashName {
  const hash = hashes.get(hashingAlgorithm);
  if (hash === undefined) throw unsupportedParameters("this Hashing Algorithm is not supported");
  return hash;
}

/** Throws KmipError `UnsupportedCryptographicParameters` for a hash function that nothing new is protected with. */
export function refuseBroken(hash: HashName): HashName {
  if (broken.has(hash)) throw unsupportedParameters("nothing is protected with this hash function any more");
  return hash;
}

/** The hash function that the parameters name. Throws KmipError where they name none, or one that is not done. */
export function hashOf({ hashingAlgorithm }: CryptographicParameters): HashName {
  if (hashingAlgorithm === undefined) throw badParameters("the Cryptographic Parameters name no Hashing Algorithm");
  return hashNamed(hashingAlgorithm);
}

/** The hash function of the mask generator: SHA-1 where the parameters name none (KMIP 2.1 §4.16). */
export function maskHashOf({ maskGenerator, maskGeneratorHashingAlgorithm }: CryptographicParameters): HashName {
  if (maskGenerator !== undefined && maskGenerator !== MaskGenerator.MGF1) {
    throw unsupportedParameters("this Mask Generator is not supported");
  }
  return maskGeneratorHashingAlgorithm === undefined ? "sha1" : refuseBroken(hashNamed(maskGeneratorHashingAlgorithm));
}
