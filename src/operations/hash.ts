import { Data, Operation } from "#protocol/enums/index.js";
import { hashRequest, hashResponse } from "#protocol/payloads/hash.js";
import { V1_2 } from "#protocol/versions.js";
import { hashOf } from "#src/crypto/mechanisms/hashes.js";
import { digestStream } from "#src/crypto/streams/open.js";
import { defineOperation } from "./contract/operation.js";
import { dataOf } from "./cryptography/data.js";
import { positionOf, takePart } from "./cryptography/parts.js";

/** Hash (KMIP 2.1 §6.1.24). */
export const hash = defineOperation({
  code: Operation.Hash,
  name: "Hash",
  versions: { since: V1_2 },
  request: hashRequest,
  response: hashResponse,
  permission: "use",
  twoXReasons: {
    BadCryptographicParameters: "InvalidField",
    UnsupportedCryptographicParameters: "CryptographicFailure",
  },
  output: { reference: Data.Hash, of: ({ data }) => data },
  inParts: true,
  async run(context, request) {
    const { cryptography } = context;
    const position = positionOf(request);
    if (position.kind === "whole") {
      return { data: await cryptography.digest(hashOf(request.cryptographicParameters), dataOf(request)) };
    }
    const { correlationValue, result } = await takePart(context, request, position, {
      operation: Operation.Hash,
      objectId: null,
      protects: false,
      open: async () => ({
        stream: await digestStream(cryptography, hashOf(request.cryptographicParameters)),
        told: undefined,
      }),
    });
    return { data: result, correlationValue };
  },
});
