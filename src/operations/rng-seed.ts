import { Operation } from "#protocol/enums/index.js";
import { rngSeedRequest, rngSeedResponse } from "#protocol/payloads/rng-seed.js";
import { V1_2 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { defineOperation } from "./contract/operation.js";
import { dataOf } from "./cryptography/data.js";

/** Bytes of a seed that are used at most; more would tell the generator nothing. */
const longestSeed = 1024;

/**
 * RNG Seed (KMIP 2.1 §6.1.50): the seed is mixed into the generator of the tenant's token, beside what the token gathers
 * itself, so that no client can make the randomness of others less. A token that takes no seeds uses 0 bytes of it.
 */
export const rngSeed = defineOperation({
  code: Operation.RNGSeed,
  name: "RNG Seed",
  versions: { since: V1_2 },
  request: rngSeedRequest,
  response: rngSeedResponse,
  permission: "use",
  twoXReasons: { InternalServerError: "CryptographicFailure" },
  undo: "impossible",
  async run({ partition }, request) {
    const seed = dataOf(request).subarray(0, longestSeed);
    if (seed.length === 0) throw new KmipError("InvalidField", "the seed is empty");
    const isUsed = await partition.seedRandom(seed);
    return { dataLength: isUsed ? seed.length : 0 };
  },
});
