import type { DecryptResponse } from "#protocol/payloads/decrypt.js";
import type { EncryptResponse } from "#protocol/payloads/encrypt.js";
import { decrypt } from "../../decrypt.js";
import { encrypt } from "../../encrypt.js";
import type { Call } from "../call.js";
import { Refusal } from "../outcome.js";
import type { ActiveOperation } from "../session.js";
import { type Computing, named, type Starting } from "./parts.js";

/** C_Encrypt and its kin: KMIP's Encrypt. The tag of an AEAD stands behind the ciphertext. */
export const encrypting: Starting & Computing = {
  kind: "encrypt",
  checkedBy: () => Promise.resolve(encrypt),
  async compute(call, operation, data) {
    const { data: encrypted, authenticatedEncryptionTag } = await call.perform<EncryptResponse>(
      encrypt,
      { ...request(operation), data },
      keyOf(operation),
    );
    return Buffer.concat([encrypted ?? Buffer.alloc(0), authenticatedEncryptionTag ?? Buffer.alloc(0)]);
  },
};

/** C_Decrypt and its kin: KMIP's Decrypt. */
export const decrypting: Starting & Computing = {
  kind: "decrypt",
  checkedBy: () => Promise.resolve(decrypt),
  async compute(call: Call, operation, data) {
    const { tagLength = 0 } = operation.mechanism;
    if (data.length < tagLength) throw new Refusal("ENCRYPTED_DATA_INVALID");
    const tag = tagLength === 0 ? undefined : data.subarray(data.length - tagLength);
    const answer = await call.perform<DecryptResponse>(
      decrypt,
      {
        ...request(operation),
        data: data.subarray(0, data.length - tagLength),
        authenticatedEncryptionTag: tag,
      },
      keyOf(operation),
    );
    return answer.data ?? Buffer.alloc(0);
  },
};

/** The key an operation was started with. */
export function keyOf({ keyId }: ActiveOperation): string {
  if (keyId === undefined) throw new TypeError("the operation was started with a key");
  return keyId;
}

function request(operation: ActiveOperation): object {
  const { parameters, iv, additionalData } = operation.mechanism;
  return {
    uniqueIdentifier: named(keyOf(operation)),
    cryptographicParameters: parameters,
    ivCounterNonce: iv,
    authenticatedEncryptionAdditionalData: additionalData?.length === 0 ? undefined : additionalData,
  };
}
