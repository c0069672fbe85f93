import { longInteger, type ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Get Usage Allocation (KMIP 2.1 §6.1.23): the count is in Usage Limits Units. */
export const getUsageAllocationRequest = structure("GetUsageAllocationRequest", {
  uniqueIdentifier: namedObject,
  usageLimitsCount: required(Tag.UsageLimitsCount, longInteger),
});
export type GetUsageAllocationRequest = ValueOf<typeof getUsageAllocationRequest>;

/** Response of Get Usage Allocation. */
export const getUsageAllocationResponse = structure("GetUsageAllocationResponse", {
  uniqueIdentifier: answeredObject,
});
export type GetUsageAllocationResponse = ValueOf<typeof getUsageAllocationResponse>;
