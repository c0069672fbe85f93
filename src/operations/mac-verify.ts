import { CryptographicUsageMask, ObjectType, Operation, ValidityIndicator } from "#protocol/enums/index.js";
import { macVerifyRequest, macVerifyResponse } from "#protocol/payloads/mac-verify.js";
import { V1_2 } from "#protocol/versions.js";
import { chooseMac } from "#src/crypto/mechanisms/macs.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { dataOf, demandSinglePart } from "./cryptography/single-part.js";

/** MAC Verify (KMIP 2.1 §6.1.33). A wrong MAC is an answer, not a failure. */
export const macVerify = defineOperation({
  code: Operation.MACVerify,
  name: "MAC Verify",
  versions: { since: V1_2 },
  request: macVerifyRequest,
  response: macVerifyResponse,
  permission: "use",
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey]),
    use: { kind: "process", mask: CryptographicUsageMask.MACVerify },
  },
  async run({ target, partition }, request) {
    demandSinglePart(request);
    const data = dataOf(request);
    const { macData } = request;
    if (macData === undefined) throw new KmipError("InvalidMessage", "the MAC Data are missing");
    const key = keyOf(target);
    const specification = chooseMac(key, parametersOf(target, request.cryptographicParameters));
    const valid = await partition.macVerify(key.reference, specification, data, macData);
    const validityIndicator = valid ? ValidityIndicator.Valid : ValidityIndicator.Invalid;
    return { uniqueIdentifier: target.id, validityIndicator };
  },
});
