import { CryptographicUsageMask, ObjectType, Operation } from "#protocol/enums/index.js";
import { macVerifyRequest, macVerifyResponse } from "#protocol/payloads/mac-verify.js";
import { V1_2 } from "#protocol/versions.js";
import { chooseMac } from "#src/crypto/mechanisms/macs.js";
import { macVerificationStream } from "#src/crypto/streams/open.js";
import { defineOperation } from "./contract/operation.js";
import { dataOf } from "./cryptography/data.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { positionOf, takePart } from "./cryptography/parts.js";
import { demandBrought, validityOf } from "./cryptography/validity.js";

/** MAC Verify (KMIP 2.1 §6.1.33). A wrong MAC is an answer, not a failure. */
export const macVerify = defineOperation({
  code: Operation.MACVerify,
  name: "MAC Verify",
  versions: { since: V1_2 },
  request: macVerifyRequest,
  response: macVerifyResponse,
  permission: "use",
  twoXReasons: { UnsupportedCryptographicParameters: "CryptographicFailure" },
  inParts: true,
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey]),
    use: { kind: "process", mask: CryptographicUsageMask.MACVerify },
  },
  async run(context, request) {
    const { target, cryptography } = context;
    const position = positionOf(request);
    const key = keyOf(target);
    const choose = () => chooseMac(key, parametersOf(target, request.cryptographicParameters));
    if (position.kind === "whole") {
      const data = dataOf(request);
      const macData = demandBrought(request.macData, "MAC Data");
      const valid = await cryptography.macVerify(key, choose(), data, macData);
      return { uniqueIdentifier: target.id, validityIndicator: validityOf(valid) };
    }
    const { correlationValue, result } = await takePart(context, request, position, {
      operation: Operation.MACVerify,
      objectId: target.id,
      protects: false,
      brought: request.macData,
      open: async (notes) => ({
        stream: await macVerificationStream(cryptography, key, choose(), () =>
          demandBrought(notes.brought, "MAC Data"),
        ),
        told: undefined,
      }),
    });
    return { uniqueIdentifier: target.id, validityIndicator: validityOf(result), correlationValue };
  },
});
