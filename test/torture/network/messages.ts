import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicAlgorithm, CryptographicUsageMask, Operation } from "#protocol/enums/index.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";
import { gcm, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { type Asked, createKeyPayload, named, requestMessageItem } from "#test/support/kmip-client-messages.js";

/** Messages of 2.1 as bytes. */
export function message(...asked: readonly Asked[]): Buffer {
  return encodeItem(requestMessageItem(V2_1, asked));
}

/** Creates an AES key, by a name if one is given. */
export const createMessage = (name?: string): Buffer =>
  message({ operation: Operation.Create, payload: createKeyPayload(name) });

/** Asks what the server can do. */
export const queryMessage = (): Buffer =>
  message({ operation: Operation.Query, payload: { queryFunctions: [1, 2, 3] } });

/** Encrypts so many bytes. */
export const encryptMessage = (id: string, bytes: number): Buffer =>
  message({
    operation: Operation.Encrypt,
    payload: {
      uniqueIdentifier: named(id),
      cryptographicParameters: gcm,
      data: Buffer.alloc(bytes, 7),
    },
  });

const locating = (name: string): Asked => ({ operation: Operation.Locate, payload: { attributes: [nameOf(name)] } });

/** Looks for objects by their names, all in one batch. */
export const locateMessage = (...names: readonly string[]): Buffer => message(...names.map(locating));

/** Looks for every key of a tenant. */
export const locateAllMessage = (): Buffer =>
  message({
    operation: Operation.Locate,
    payload: { attributes: [instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.AES)] },
  });

/** Makes an RSA key pair. */
export const keyPairMessage = (bits: number): Buffer =>
  message({
    operation: Operation.CreateKeyPair,
    payload: {
      commonAttributes: requested(
        instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.RSA),
        instance(attributes.cryptographicLength, bits),
      ),
      privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign)),
      publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify)),
    },
  });

/** Result Status Success, and Result Reason Server Limit Exceeded, as an answer has them. */
const success = Buffer.from("42007f050000000400000000", "hex");
const limited = Buffer.from("42007e05000000040000003a", "hex");

/** What became of a request, by its answer. */
export function outcomeOf(answer: Buffer): "success" | "refused" | "failure" {
  if (answer.includes(success)) return "success";
  return answer.includes(limited) ? "refused" : "failure";
}
