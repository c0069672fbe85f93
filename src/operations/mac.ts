import { CryptographicUsageMask, ObjectType, Operation } from "#protocol/enums/index.js";
import { macRequest, macResponse } from "#protocol/payloads/mac.js";
import { V1_2 } from "#protocol/versions.js";
import { chooseMac } from "#src/crypto/mechanisms/macs.js";
import { defineOperation } from "./contract/operation.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { dataOf, demandSinglePart } from "./cryptography/single-part.js";
import { allocateUsage } from "./cryptography/usage-limits.js";

/** MAC (KMIP 2.1 §6.1.32). */
export const mac = defineOperation({
  code: Operation.MAC,
  name: "MAC",
  versions: { since: V1_2 },
  request: macRequest,
  response: macResponse,
  permission: "use",
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey]),
    use: { kind: "protect", mask: CryptographicUsageMask.MACGenerate },
  },
  async run(context, request) {
    const { target, partition } = context;
    demandSinglePart(request);
    const data = dataOf(request);
    const key = keyOf(target);
    const specification = chooseMac(key, parametersOf(target, request.cryptographicParameters));
    allocateUsage(context, data.length);
    const macData = await partition.mac(key.reference, specification, data);
    return { uniqueIdentifier: target.id, macData };
  },
});
