import { CryptographicUsageMask, Data, ObjectType, Operation } from "#protocol/enums/index.js";
import { signRequest, signResponse } from "#protocol/payloads/sign.js";
import { V1_2 } from "#protocol/versions.js";
import { chooseSignature } from "#src/crypto/mechanisms/signatures.js";
import { signatureStream } from "#src/crypto/streams/open.js";
import { defineOperation } from "./contract/operation.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { positionOf, takePart } from "./cryptography/parts.js";
import { signedInput, signedParts } from "./cryptography/signed-input.js";
import { allocateUsage } from "./cryptography/usage-limits.js";

/** Sign (KMIP 2.1 §6.1.55), over Data or over their digest. ECDSA and DSA signatures are DER. */
export const sign = defineOperation({
  code: Operation.Sign,
  name: "Sign",
  versions: { since: V1_2 },
  request: signRequest,
  response: signResponse,
  permission: "use",
  output: { reference: Data.SignSignatureData, of: ({ signatureData }) => signatureData },
  inParts: true,
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.PrivateKey]),
    use: { kind: "protect", mask: CryptographicUsageMask.Sign },
  },
  async run(context, request) {
    const { target, cryptography } = context;
    const position = positionOf(request);
    const { bytes, input } = position.kind === "whole" ? signedInput(request) : signedParts(request);
    const key = keyOf(target);
    const choose = () =>
      chooseSignature(key, parametersOf(target, request.cryptographicParameters), { input, purpose: "make" });
    if (position.kind === "whole") {
      const specification = choose();
      allocateUsage(context, bytes.length);
      const signatureData = await cryptography.sign(key, specification, bytes);
      return { uniqueIdentifier: target.id, signatureData };
    }
    const { correlationValue, result } = await takePart(context, request, position, {
      operation: Operation.Sign,
      objectId: target.id,
      protects: true,
      open: async () => ({
        stream: await signatureStream(key, choose(), (specification, data) =>
          cryptography.sign(key, specification, data),
        ),
        told: undefined,
      }),
    });
    return { uniqueIdentifier: target.id, signatureData: result, correlationValue };
  },
});
