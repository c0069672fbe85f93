import { HashingAlgorithm, MaskGenerator } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { HashName } from "../port.js";
import { badParameters, unsupportedParameters } from "./key.js";

/** Hash functions that are done, by Hashing Algorithm. MD5 is broken and not among them. */
const hashes: ReadonlyMap<number, HashName> = new Map<number, HashName>([
  [HashingAlgorithm.SHA_1, "sha1"],
  [HashingAlgorithm.SHA_224, "sha224"],
  [HashingAlgorithm.SHA_256, "sha256"],
  [HashingAlgorithm.SHA_384, "sha384"],
  [HashingAlgorithm.SHA_512, "sha512"],
]);

/** Length of a digest in bytes. */
export const digestLength: Readonly<Record<HashName, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** The hash function of a Hashing Algorithm. Throws KmipError `UnsupportedCryptographicParameters`. */
export function hashNamed(hashingAlgorithm: number): HashName {
  const hash = hashes.get(hashingAlgorithm);
  if (hash === undefined) throw unsupportedParameters("this Hashing Algorithm is not supported");
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
  return maskGeneratorHashingAlgorithm === undefined ? "sha1" : hashNamed(maskGeneratorHashingAlgorithm);
}
