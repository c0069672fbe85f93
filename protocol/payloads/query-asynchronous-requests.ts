import { byteString, dateTimeExtended, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { optional, repeated, required, structure } from "../schema/structure.js";
import { asynchronousCorrelationValues, operations } from "../structures/lists.js";
import { Tag } from "../tags.js";

/** Asynchronous Request (KMIP 2.1 §7.2). The date is in microseconds since 1970. */
export const asynchronousRequest = structure("AsynchronousRequest", {
  asynchronousCorrelationValue: required(Tag.AsynchronousCorrelationValue, byteString),
  operation: requiredEnumeration(Tag.Operation),
  submissionDate: required(Tag.SubmissionDate, dateTimeExtended),
  processingStage: requiredEnumeration(Tag.ProcessingStage),
});
export type AsynchronousRequest = ValueOf<typeof asynchronousRequest>;

/** Request of Query Asynchronous Requests (KMIP 2.1 §6.1.41): none of either asks for all. */
export const queryAsynchronousRequestsRequest = structure("QueryAsynchronousRequestsRequest", {
  asynchronousCorrelationValues: optional(Tag.AsynchronousCorrelationValues, asynchronousCorrelationValues),
  operations: optional(Tag.Operations, operations),
});
export type QueryAsynchronousRequestsRequest = ValueOf<typeof queryAsynchronousRequestsRequest>;

/** Response of Query Asynchronous Requests. */
export const queryAsynchronousRequestsResponse = structure("QueryAsynchronousRequestsResponse", {
  asynchronousRequests: repeated(Tag.AsynchronousRequest, asynchronousRequest),
});
export type QueryAsynchronousRequestsResponse = ValueOf<typeof queryAsynchronousRequestsResponse>;
