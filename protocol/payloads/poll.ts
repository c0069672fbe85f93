import { byteString, type ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of Poll (KMIP 2.1 §6.1.38). */
export const pollRequest = structure("PollRequest", {
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
});
export type PollRequest = ValueOf<typeof pollRequest>;

/** Response of Poll: empty, since a finished operation is answered by its own payload. */
export const pollResponse = structure("PollResponse", {});
export type PollResponse = ValueOf<typeof pollResponse>;
