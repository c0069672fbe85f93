import { CryptographicUsageMask, ObjectType, Operation } from "#protocol/enums/index.js";
import { type DecryptRequest, decryptRequest, decryptResponse } from "#protocol/payloads/decrypt.js";
import { type ProtocolVersion, V1_2, V1_4 } from "#protocol/versions.js";
import { chooseCipher } from "#src/crypto/mechanisms/ciphers.js";
import type { CipherSpecification } from "#src/crypto/port.js";
import { decryptWith } from "#src/crypto/rsa/perform.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { dataOf, demandSinglePart } from "./cryptography/single-part.js";

/** Decrypt (KMIP 2.1 §6.1.11). Whatever is wrong with padding, tag or length, the answer is the same. */
export const decrypt = defineOperation({
  code: Operation.Decrypt,
  name: "Decrypt",
  versions: { since: V1_2 },
  request: decryptRequest,
  response: decryptResponse,
  permission: "use",
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey, ObjectType.PrivateKey]),
    use: { kind: "process", mask: CryptographicUsageMask.Decrypt },
  },
  async run({ target, partition, version }, request) {
    demandSinglePart(request);
    const key = keyOf(target);
    const { specification } = await chooseCipher(
      key,
      parametersOf(target, request.cryptographicParameters),
      {
        direction: "decrypt",
        iv: request.ivCounterNonce,
        additionalData: request.authenticatedEncryptionAdditionalData,
        givenTagLength: request.authenticatedEncryptionTag?.length,
      },
      (length) => partition.random(length),
    );
    const data = await decryptWith(partition, key, specification, separate(request, specification, version));
    return { uniqueIdentifier: target.id, data };
  },
});

/** Ciphertext and tag. Before 1.4 there is no field for the tag: it stands behind the data. */
function separate(request: DecryptRequest, specification: CipherSpecification, version: ProtocolVersion) {
  const data = dataOf(request);
  const tag = request.authenticatedEncryptionTag;
  if (specification.name !== "gcm") {
    if (tag !== undefined) throw new KmipError("BadCryptographicParameters", "this Block Cipher Mode has no tag");
    return { data, tag: null };
  }
  const { tagLength } = specification;
  if (tag === undefined && version >= V1_4) {
    throw new KmipError("InvalidMessage", "the Authenticated Encryption Tag is missing");
  }
  const found = tag ?? data.subarray(Math.max(0, data.length - tagLength));
  if (found.length !== tagLength) throw new KmipError("CryptographicFailure", "decryption failed");
  return { data: tag === undefined ? data.subarray(0, data.length - tagLength) : data, tag: found };
}
