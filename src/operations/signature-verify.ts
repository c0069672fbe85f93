import { CryptographicUsageMask, ObjectType, Operation, ValidityIndicator } from "#protocol/enums/index.js";
import { signatureVerifyRequest, signatureVerifyResponse } from "#protocol/payloads/signature-verify.js";
import { V1_2 } from "#protocol/versions.js";
import { chooseSignature } from "#src/crypto/mechanisms/signatures.js";
import { verifyWith } from "#src/crypto/rsa/perform.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { signedInput } from "./cryptography/signed-input.js";
import { demandSinglePart } from "./cryptography/single-part.js";

/** Signature Verify (KMIP 2.1 §6.1.56). A wrong signature is an answer, not a failure. */
export const signatureVerify = defineOperation({
  code: Operation.SignatureVerify,
  name: "Signature Verify",
  versions: { since: V1_2 },
  request: signatureVerifyRequest,
  response: signatureVerifyResponse,
  permission: "use",
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.PublicKey]),
    use: { kind: "process", mask: CryptographicUsageMask.Verify },
  },
  async run({ target, partition }, request) {
    demandSinglePart(request);
    const { bytes, input } = signedInput(request);
    const { signatureData: signature } = request;
    if (signature === undefined) throw new KmipError("InvalidMessage", "the Signature Data are missing");
    const key = keyOf(target);
    const specification = chooseSignature(key, parametersOf(target, request.cryptographicParameters), input);
    const valid = await verifyWith(partition, key, specification, { data: bytes, signature });
    const validityIndicator = valid ? ValidityIndicator.Valid : ValidityIndicator.Invalid;
    return { uniqueIdentifier: target.id, validityIndicator };
  },
});
