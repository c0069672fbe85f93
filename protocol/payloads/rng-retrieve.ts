import { byteString, integer, type ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of RNG Retrieve (KMIP 2.1 §6.1.49): the length is in bytes. */
export const rngRetrieveRequest = structure("RngRetrieveRequest", {
  dataLength: required(Tag.DataLength, integer),
});
export type RngRetrieveRequest = ValueOf<typeof rngRetrieveRequest>;

/** Response of RNG Retrieve. */
export const rngRetrieveResponse = structure("RngRetrieveResponse", {
  data: required(Tag.Data, byteString),
});
export type RngRetrieveResponse = ValueOf<typeof rngRetrieveResponse>;
