import { byteString, type ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of Process (KMIP 2.1 §6.1.39). */
export const processRequest = structure("ProcessRequest", {
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
});
export type ProcessRequest = ValueOf<typeof processRequest>;

/** Response of Process: empty, since the operation is answered by its own payload. */
export const processResponse = structure("ProcessResponse", {});
export type ProcessResponse = ValueOf<typeof processResponse>;
