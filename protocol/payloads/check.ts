import { integer, interval, longInteger, textString, type ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { namedObject } from "./fields.js";

/** Request of Check (KMIP 2.1 §6.1.7): the lease time is in seconds. */
export const checkRequest = structure("CheckRequest", {
  uniqueIdentifier: namedObject,
  usageLimitsCount: optional(Tag.UsageLimitsCount, longInteger),
  cryptographicUsageMask: optional(Tag.CryptographicUsageMask, integer),
  leaseTime: optional(Tag.LeaseTime, interval),
});
export type CheckRequest = ValueOf<typeof checkRequest>;

/** Response of Check: a value of the request comes back where it is not granted. */
export const checkResponse = structure("CheckResponse", {
  uniqueIdentifier: optional(Tag.UniqueIdentifier, textString),
  usageLimitsCount: optional(Tag.UsageLimitsCount, longInteger),
  cryptographicUsageMask: optional(Tag.CryptographicUsageMask, integer),
  leaseTime: optional(Tag.LeaseTime, interval),
});
export type CheckResponse = ValueOf<typeof checkResponse>;
