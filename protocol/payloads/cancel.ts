import { byteString, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of Cancel (KMIP 2.1 §6.1.5). */
export const cancelRequest = structure("CancelRequest", {
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
});
export type CancelRequest = ValueOf<typeof cancelRequest>;

/** Response of Cancel. */
export const cancelResponse = structure("CancelResponse", {
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
  cancellationResult: requiredEnumeration(Tag.CancellationResult),
});
export type CancelResponse = ValueOf<typeof cancelResponse>;
