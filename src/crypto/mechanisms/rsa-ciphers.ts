import { PaddingMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { CipherSpecification } from "../port.js";
import { hashNamed, maskHashOf, refuseBroken } from "./hashes.js";
import { badParameters, unsupportedParameters } from "./key.js";

/** The ways of encrypting with RSA, which also wrap keys. */
export type RsaCipher = Extract<CipherSpecification, { name: "rsa-pkcs1" | "rsa-oaep" }>;

const paddings: ReadonlyMap<number, (parameters: CryptographicParameters) => RsaCipher> = new Map<
  number,
  (parameters: CryptographicParameters) => RsaCipher
>([
  [PaddingMethod.PKCS1V1_5, () => ({ name: "rsa-pkcs1" })],
  [
    PaddingMethod.OAEP,
    (parameters) => ({
      name: "rsa-oaep",
      hash: parameters.hashingAlgorithm === undefined ? "sha1" : refuseBroken(hashNamed(parameters.hashingAlgorithm)),
      maskHash: maskHashOf(parameters),
      label: parameters.pSource ?? Buffer.alloc(0),
    }),
  ],
]);

/** The RSA cipher that Cryptographic Parameters name by their Padding Method. Throws KmipError. */
export function rsaCipher(parameters: CryptographicParameters): RsaCipher {
  if (parameters.blockCipherMode !== undefined) throw badParameters("RSA has no Block Cipher Mode");
  if (parameters.paddingMethod === undefined) throw badParameters("the parameters name no Padding Method");
  const specify = paddings.get(parameters.paddingMethod);
  if (specify === undefined) throw unsupportedParameters("RSA encryption is done with PKCS#1 v1.5 and OAEP padding");
  return specify(parameters);
}
