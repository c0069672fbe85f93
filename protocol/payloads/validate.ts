import { dateTime, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { optional, repeated, structure } from "../schema/structure.js";
import { certificate } from "../structures/managed-objects.js";
import { objectNaming } from "../structures/unique-identifier.js";
import { Tag } from "../tags.js";

/** Request of Validate (KMIP 2.1 §6.1.57): certificates in the message and by identifier together are one chain. */
export const validateRequest = structure("ValidateRequest", {
  certificates: repeated(Tag.Certificate, certificate),
  uniqueIdentifiers: repeated(Tag.UniqueIdentifier, objectNaming),
  validityDate: optional(Tag.ValidityDate, dateTime),
});
export type ValidateRequest = ValueOf<typeof validateRequest>;

/** Response of Validate. */
export const validateResponse = structure("ValidateResponse", {
  validityIndicator: requiredEnumeration(Tag.ValidityIndicator),
});
export type ValidateResponse = ValueOf<typeof validateResponse>;
