import { CryptographicUsageMask, Data, ObjectType, Operation } from "#protocol/enums/index.js";
import { macRequest, macResponse } from "#protocol/payloads/mac.js";
import { V1_2 } from "#protocol/versions.js";
import { chooseMac } from "#src/crypto/mechanisms/macs.js";
import { macStream } from "#src/crypto/streams/open.js";
import { defineOperation } from "./contract/operation.js";
import { dataOf } from "./cryptography/data.js";
import { keyOf, parametersOf } from "./cryptography/key.js";
import { positionOf, takePart } from "./cryptography/parts.js";
import { allocateUsage } from "./cryptography/usage-limits.js";

/** MAC (KMIP 2.1 §6.1.32). */
export const mac = defineOperation({
  code: Operation.MAC,
  name: "MAC",
  versions: { since: V1_2 },
  request: macRequest,
  response: macResponse,
  permission: "use",
  twoXReasons: { UnsupportedCryptographicParameters: "CryptographicFailure" },
  output: { reference: Data.MACMACData, of: ({ macData }) => macData },
  inParts: true,
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey]),
    use: { kind: "protect", mask: CryptographicUsageMask.MACGenerate },
  },
  async run(context, request) {
    const { target, cryptography } = context;
    const position = positionOf(request);
    const key = keyOf(target);
    const choose = () => chooseMac(key, parametersOf(target, request.cryptographicParameters));
    if (position.kind === "whole") {
      const data = dataOf(request);
      const specification = choose();
      allocateUsage(context, data.length);
      return { uniqueIdentifier: target.id, macData: await cryptography.mac(key, specification, data) };
    }
    const { correlationValue, result } = await takePart(context, request, position, {
      operation: Operation.MAC,
      objectId: target.id,
      protects: true,
      open: async () => ({ stream: await macStream(cryptography, key, choose()), told: undefined }),
    });
    return { uniqueIdentifier: target.id, macData: result, correlationValue };
  },
});
