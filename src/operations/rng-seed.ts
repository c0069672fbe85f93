import { Operation } from "#protocol/enums/index.js";
import { rngSeedRequest, rngSeedResponse } from "#protocol/payloads/rng-seed.js";
import { V1_2 } from "#protocol/versions.js";
import { defineOperation } from "./contract/operation.js";

/**
 * RNG Seed (KMIP 2.1 §6.1.50). The token seeds itself, and no client has a say in the randomness of the others: the
 * seed is not used, which the answer says by a length of 0, as the specification provides.
 */
export const rngSeed = defineOperation({
  code: Operation.RNGSeed,
  name: "RNG Seed",
  versions: { since: V1_2 },
  request: rngSeedRequest,
  response: rngSeedResponse,
  permission: "use",
  undo: "impossible",
  run: () => Promise.resolve({ dataLength: 0 }),
});
