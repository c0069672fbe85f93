import { dateTime, type ValueOf } from "../schema/codec.js";
import { optional, required, structure } from "../schema/structure.js";
import { revocationReasonStructure } from "../structures/attribute-values.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Revoke (KMIP 2.1 §6.1.44). */
export const revokeRequest = structure("RevokeRequest", {
  uniqueIdentifier: namedObject,
  revocationReason: required(Tag.RevocationReason, revocationReasonStructure),
  compromiseOccurrenceDate: optional(Tag.CompromiseOccurrenceDate, dateTime),
});
export type RevokeRequest = ValueOf<typeof revokeRequest>;

/** Response of Revoke. */
export const revokeResponse = structure("RevokeResponse", {
  uniqueIdentifier: answeredObject,
});
export type RevokeResponse = ValueOf<typeof revokeResponse>;
