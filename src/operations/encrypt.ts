import { CryptographicUsageMask, Data, ObjectType, Operation } from "#protocol/enums/index.js";
import { type EncryptRequest, encryptRequest, encryptResponse } from "#protocol/payloads/encrypt.js";
import { V1_2, V1_4 } from "#protocol/versions.js";
import { type ChosenCipher, chooseCipher } from "#src/crypto/mechanisms/ciphers.js";
import { encryptionStream } from "#src/crypto/streams/open.js";
import type { UsableKey } from "#src/crypto/usable-key.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation } from "./contract/operation.js";
import { dataOf } from "./cryptography/data.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { type Position, positionOf, takePart } from "./cryptography/parts.js";
import { allocateUsage } from "./cryptography/usage-limits.js";

/** Encrypt (KMIP 2.1 §6.1.17). An IV that the client leaves out is made by the token and given back. */
export const encrypt = defineOperation({
  code: Operation.Encrypt,
  name: "Encrypt",
  versions: { since: V1_2 },
  request: encryptRequest,
  response: encryptResponse,
  permission: "use",
  output: { reference: Data.Encrypt, of: ({ data }) => data },
  inParts: true,
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey, ObjectType.PublicKey, ObjectType.Certificate]),
    use: { kind: "protect", mask: CryptographicUsageMask.Encrypt },
  },
  async run(context, request) {
    const position = positionOf(request);
    if (position.kind !== "whole") return encryptPart(context, request, position);
    const data = dataOf(request);
    const { key, cipher } = await chosenFor(context, request);
    allocateUsage(context, data.length);
    const encrypted = await context.cryptography.encrypt(key, cipher, data);
    return { ...answer(context, encrypted.data, encrypted.tag), ivCounterNonce: cipher.madeVector };
  },
});

async function chosenFor(
  { target, partition }: OperationContext,
  request: EncryptRequest,
): Promise<{ key: UsableKey; cipher: ChosenCipher }> {
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
    (length) => partition.nonce(length),
  );
  return { key, cipher };
}

/** Before 1.4 there is no field for the tag: it stands behind the data. */
function answer({ target, version }: OperationContext, data: Buffer | undefined, tag: Buffer | null) {
  if (tag === null) return { uniqueIdentifier: target.id, data };
  return version < V1_4
    ? { uniqueIdentifier: target.id, data: Buffer.concat([data ?? Buffer.alloc(0), tag]) }
    : { uniqueIdentifier: target.id, data, authenticatedEncryptionTag: tag };
}

async function encryptPart(
  context: OperationContext,
  request: EncryptRequest,
  position: Exclude<Position, { kind: "whole" }>,
) {
  const { correlationValue, output, result, told } = await takePart(context, request, position, {
    operation: Operation.Encrypt,
    objectId: context.target.id,
    protects: true,
    open: async () => {
      const { key, cipher } = await chosenFor(context, request);
      return { stream: await encryptionStream(context.cryptography, key, cipher), told: cipher.madeVector };
    },
  });
  const data = joined(output, result?.data);
  return { ...answer(context, data, result?.tag ?? null), ivCounterNonce: told, correlationValue };
}

function joined(output: Buffer | undefined, last: Buffer | undefined): Buffer | undefined {
  if (last === undefined || last.length === 0) return output;
  return output === undefined ? last : Buffer.concat([output, last]);
}
