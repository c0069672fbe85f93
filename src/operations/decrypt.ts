import { CryptographicUsageMask, Data, ObjectType, Operation } from "#protocol/enums/index.js";
import { type DecryptRequest, decryptRequest, decryptResponse } from "#protocol/payloads/decrypt.js";
import { type ProtocolVersion, V1_2, V1_4 } from "#protocol/versions.js";
import { type ChosenCipher, chooseCipher } from "#src/crypto/mechanisms/ciphers.js";
import type { CipherSpecification } from "#src/crypto/port.js";
import { decryptionStream } from "#src/crypto/streams/open.js";
import type { UsableKey } from "#src/crypto/usable-key.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation } from "./contract/operation.js";
import { dataOf } from "./cryptography/data.js";
import { ivBeforeData } from "./cryptography/iv-before-data.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { type Position, positionOf, takePart } from "./cryptography/parts.js";

/** Decrypt (KMIP 2.1 §6.1.11). Whatever is wrong with padding, tag or length, the answer is the same. */
export const decrypt = defineOperation({
  code: Operation.Decrypt,
  name: "Decrypt",
  versions: { since: V1_2 },
  request: decryptRequest,
  response: decryptResponse,
  permission: "use",
  twoXReasons: { MissingInitializationVector: "InvalidMessage" },
  output: { reference: Data.Decrypt, of: ({ data }) => data },
  inParts: true,
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey, ObjectType.PrivateKey]),
    use: { kind: "process", mask: CryptographicUsageMask.Decrypt },
  },
  async run(context, request) {
    const position = positionOf(request);
    if (position.kind !== "whole") return decryptPart(context, request, position);
    const parameters = parametersOf(context.target, request.cryptographicParameters);
    const sent = { iv: request.ivCounterNonce, data: dataOf(request) };
    const { iv, data: ciphertext } = ivBeforeData(context.request.caller, keyOf(context.target), parameters, sent);
    const { key, cipher } = await chosenFor(context, { ...request, ivCounterNonce: iv });
    const tag = request.authenticatedEncryptionTag;
    const input = separate(ciphertext, tag, cipher.specification, context.version);
    const data = await context.cryptography.decrypt(key, cipher, input);
    return { uniqueIdentifier: context.target.id, data };
  },
});

async function chosenFor(
  { target, partition }: OperationContext,
  request: DecryptRequest,
): Promise<{ key: UsableKey; cipher: ChosenCipher }> {
  const key = keyOf(target);
  const cipher = await chooseCipher(
    key,
    parametersOf(target, request.cryptographicParameters),
    {
      direction: "decrypt",
      iv: request.ivCounterNonce,
      additionalData: request.authenticatedEncryptionAdditionalData,
      givenTagLength: request.authenticatedEncryptionTag?.length,
    },
    (length) => partition.nonce(length),
  );
  return { key, cipher };
}

/** Ciphertext and tag. Before 1.4 there is no field for the tag: it stands behind the data. */
function separate(
  data: Buffer,
  tag: Buffer | undefined,
  specification: CipherSpecification,
  version: ProtocolVersion,
): { readonly data: Buffer; readonly tag: Buffer | null } {
  if (!("tagLength" in specification)) {
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

async function decryptPart(
  context: OperationContext,
  request: DecryptRequest,
  position: Exclude<Position, { kind: "whole" }>,
) {
  const { cryptography, target, version } = context;
  const { correlationValue, output, result } = await takePart(context, request, position, {
    operation: Operation.Decrypt,
    objectId: target.id,
    protects: false,
    brought: request.authenticatedEncryptionTag,
    open: async (notes) => {
      const { key, cipher } = await chosenFor(context, request);
      const split = (data: Buffer) => separate(data, notes.brought, cipher.specification, version);
      return { stream: await decryptionStream(cryptography, key, cipher, split), told: undefined };
    },
  });
  const parts = [output, result?.data].filter((part) => part !== undefined && part.length > 0) as Buffer[];
  const data = parts.length === 0 ? undefined : Buffer.concat(parts);
  return { uniqueIdentifier: target.id, data, correlationValue };
}
