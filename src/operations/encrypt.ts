import { CryptographicUsageMask, ObjectType, Operation } from "#protocol/enums/index.js";
import { encryptRequest, encryptResponse } from "#protocol/payloads/encrypt.js";
import { V1_2, V1_4 } from "#protocol/versions.js";
import { chooseCipher } from "#src/crypto/mechanisms/ciphers.js";
import { encryptWith } from "#src/crypto/rsa/perform.js";
import { defineOperation } from "./contract/operation.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { dataOf, demandSinglePart } from "./cryptography/single-part.js";
import { allocateUsage } from "./cryptography/usage-limits.js";

/** Encrypt (KMIP 2.1 §6.1.17). An IV that the client leaves out is made by the token and given back. */
export const encrypt = defineOperation({
  code: Operation.Encrypt,
  name: "Encrypt",
  versions: { since: V1_2 },
  request: encryptRequest,
  response: encryptResponse,
  permission: "use",
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey, ObjectType.PublicKey]),
    use: { kind: "protect", mask: CryptographicUsageMask.Encrypt },
  },
  async run(context, request) {
    const { target, partition, version } = context;
    demandSinglePart(request);
    const data = dataOf(request);
    const key = keyOf(target);
    const cipher = await chooseCipher(
      key,
      parametersOf(target, request.cryptographicParameters),
      {
        direction: "encrypt",
        iv: request.ivCounterNonce,
        additionalData: request.authenticatedEncryptionAdditionalData,
        givenTagLength: undefined,
      },
      (length) => partition.random(length),
    );
    allocateUsage(context, data.length);
    const encrypted = await encryptWith(partition, key, cipher.specification, data);
    const answer = { uniqueIdentifier: target.id, ivCounterNonce: cipher.madeVector };
    if (encrypted.tag === null) return { ...answer, data: encrypted.data };
    // Before 1.4 there is no field for the tag: it stands behind the data.
    return version < V1_4
      ? { ...answer, data: Buffer.concat([encrypted.data, encrypted.tag]) }
      : { ...answer, data: encrypted.data, authenticatedEncryptionTag: encrypted.tag };
  },
});
