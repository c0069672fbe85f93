import { Data, Operation } from "#protocol/enums/index.js";
import { rngRetrieveRequest, rngRetrieveResponse } from "#protocol/payloads/rng-retrieve.js";
import { V1_2 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";

/** Most random bytes of one request. */
const longest = 65_536;

/** RNG Retrieve (KMIP 2.1 §6.1.49): random bytes of the token. */
export const rngRetrieve = defineOperation({
  code: Operation.RNGRetrieve,
  name: "RNG Retrieve",
  versions: { since: V1_2 },
  request: rngRetrieveRequest,
  response: rngRetrieveResponse,
  permission: "use",
  twoXReasons: { InternalServerError: "CryptographicFailure" },
  output: { reference: Data.RNGRetrieve, of: ({ data }) => data },
  async run({ partition }, { dataLength }) {
    if (dataLength < 1 || dataLength > longest) {
      throw new KmipError("InvalidField", `random bytes are given 1 to ${longest} at a time`);
    }
    return { data: await partition.random(dataLength) };
  },
});
