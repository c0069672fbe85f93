import { Operation } from "#protocol/enums/index.js";
import { hashRequest, hashResponse } from "#protocol/payloads/hash.js";
import { V1_2 } from "#protocol/versions.js";
import { hashOf } from "#src/crypto/mechanisms/hashes.js";
import { defineOperation } from "./contract/operation.js";
import { dataOf, demandSinglePart } from "./cryptography/single-part.js";

/** Hash (KMIP 2.1 §6.1.24), computed by the token. */
export const hash = defineOperation({
  code: Operation.Hash,
  name: "Hash",
  versions: { since: V1_2 },
  request: hashRequest,
  response: hashResponse,
  permission: "use",
  async run({ partition }, request) {
    demandSinglePart(request);
    return { data: await partition.digest(hashOf(request.cryptographicParameters), dataOf(request)) };
  },
});
