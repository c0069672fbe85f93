import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import { oneOrMore } from "../schema/choice.js";
import { bigInteger, integer, textString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration, requiredEnumeration } from "../schema/enumeration.js";
import { optional, repeated, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { V1_2 } from "../versions.js";
import { namedObject, storageMasks } from "./fields.js";

/** Request of Create Split Key (KMIP 2.1 §6.1.10). */
export const createSplitKeyRequest = structure("CreateSplitKeyRequest", {
  objectType: requiredEnumeration(Tag.ObjectType),
  uniqueIdentifier: namedObject,
  splitKeyParts: required(Tag.SplitKeyParts, integer),
  splitKeyThreshold: required(Tag.SplitKeyThreshold, integer),
  splitKeyMethod: requiredEnumeration(Tag.SplitKeyMethod),
  primeFieldSize: optional(Tag.PrimeFieldSize, bigInteger),
  attributes: requestedAttributes(Tag.TemplateAttribute, Tag.Attributes, { always: true }),
  protectionStorageMasks: storageMasks(Tag.ProtectionStorageMasks),
});
export type CreateSplitKeyRequest = ValueOf<typeof createSplitKeyRequest>;

/** Response of Create Split Key: Object Type stands in 1.2 alone. */
export const createSplitKeyResponse = structure("CreateSplitKeyResponse", {
  objectType: optionalEnumeration(Tag.ObjectType, { until: V1_2 }),
  uniqueIdentifiers: oneOrMore(repeated(Tag.UniqueIdentifier, textString)),
  templateAttribute: assignedAttributes(Tag.TemplateAttribute),
});
export type CreateSplitKeyResponse = ValueOf<typeof createSplitKeyResponse>;
