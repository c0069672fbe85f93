import { CryptographicUsageMask, ObjectType, Operation } from "#protocol/enums/index.js";
import { signatureVerifyRequest, signatureVerifyResponse } from "#protocol/payloads/signature-verify.js";
import { V1_2 } from "#protocol/versions.js";
import { chooseSignature } from "#src/crypto/mechanisms/signatures.js";
import { signatureStream } from "#src/crypto/streams/open.js";
import { defineOperation } from "./contract/operation.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { positionOf, takePart } from "./cryptography/parts.js";
import { signedInput, signedParts } from "./cryptography/signed-input.js";
import { demandBrought, validityOf } from "./cryptography/validity.js";

/** Signature Verify (KMIP 2.1 §6.1.56). A wrong signature is an answer, not a failure. */
export const signatureVerify = defineOperation({
  code: Operation.SignatureVerify,
  name: "Signature Verify",
  versions: { since: V1_2 },
  request: signatureVerifyRequest,
  response: signatureVerifyResponse,
  permission: "use",
  inParts: true,
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.PublicKey, ObjectType.Certificate]),
    use: { kind: "process", mask: CryptographicUsageMask.Verify },
  },
  async run(context, request) {
    const { target, cryptography } = context;
    const position = positionOf(request);
    const { bytes, input } = position.kind === "whole" ? signedInput(request) : signedParts(request);
    const { signatureData } = request;
    const key = keyOf(target);
    const choose = () =>
      chooseSignature(key, parametersOf(target, request.cryptographicParameters), { input, purpose: "check" });
    if (position.kind === "whole") {
      const signature = demandBrought(signatureData, "Signature Data");
      const valid = await cryptography.verify(key, choose(), { data: bytes, signature });
      return { uniqueIdentifier: target.id, validityIndicator: validityOf(valid) };
    }
    const { correlationValue, result } = await takePart(context, request, position, {
      operation: Operation.SignatureVerify,
      objectId: target.id,
      protects: false,
      brought: signatureData,
      open: async (notes) => ({
        stream: await signatureStream(key, choose(), (specification, data) =>
          cryptography.verify(key, specification, {
            data,
            signature: demandBrought(notes.brought, "Signature Data"),
          }),
        ),
        told: undefined,
      }),
    });
    return { uniqueIdentifier: target.id, validityIndicator: validityOf(result), correlationValue };
  },
});
