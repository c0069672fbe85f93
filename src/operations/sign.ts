import { CryptographicUsageMask, ObjectType, Operation } from "#protocol/enums/index.js";
import { signRequest, signResponse } from "#protocol/payloads/sign.js";
import { V1_2 } from "#protocol/versions.js";
import { chooseSignature } from "#src/crypto/mechanisms/signatures.js";
import { signWith } from "#src/crypto/rsa/perform.js";
import { defineOperation } from "./contract/operation.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { signedInput } from "./cryptography/signed-input.js";
import { demandSinglePart } from "./cryptography/single-part.js";
import { allocateUsage } from "./cryptography/usage-limits.js";

/** Sign (KMIP 2.1 §6.1.55), over Data or over their digest. ECDSA signatures are DER. */
export const sign = defineOperation({
  code: Operation.Sign,
  name: "Sign",
  versions: { since: V1_2 },
  request: signRequest,
  response: signResponse,
  permission: "use",
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.PrivateKey]),
    use: { kind: "protect", mask: CryptographicUsageMask.Sign },
  },
  async run(context, request) {
    const { target, partition } = context;
    demandSinglePart(request);
    const { bytes, input } = signedInput(request);
    const key = keyOf(target);
    const specification = chooseSignature(key, parametersOf(target, request.cryptographicParameters), input);
    allocateUsage(context, bytes.length);
    const signatureData = await signWith(partition, key, specification, bytes);
    return { uniqueIdentifier: target.id, signatureData };
  },
});
