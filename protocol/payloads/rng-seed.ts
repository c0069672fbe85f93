import { integer, type ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { dataInput } from "../structures/data.js";
import { Tag } from "../tags.js";

/** Request of RNG Seed (KMIP 2.1 §6.1.50). */
export const rngSeedRequest = structure("RngSeedRequest", {
  data: required(Tag.Data, dataInput),
});
export type RngSeedRequest = ValueOf<typeof rngSeedRequest>;

/** Response of RNG Seed: the length is in bytes, of the seed that was used. */
export const rngSeedResponse = structure("RngSeedResponse", {
  dataLength: required(Tag.DataLength, integer),
});
export type RngSeedResponse = ValueOf<typeof rngSeedResponse>;
