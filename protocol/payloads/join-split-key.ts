import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import { oneOrMore } from "../schema/choice.js";
import type { ValueOf } from "../schema/codec.js";
import { optionalEnumeration, requiredEnumeration } from "../schema/enumeration.js";
import { repeated, structure } from "../schema/structure.js";
import { objectNaming } from "../structures/unique-identifier.js";
import { Tag } from "../tags.js";
import { V1_2 } from "../versions.js";
import { answeredObject, storageMasks } from "./fields.js";

/** Request of Join Split Key (KMIP 2.1 §6.1.27). */
export const joinSplitKeyRequest = structure("JoinSplitKeyRequest", {
  objectType: requiredEnumeration(Tag.ObjectType),
  uniqueIdentifiers: oneOrMore(repeated(Tag.UniqueIdentifier, objectNaming)),
  secretDataType: optionalEnumeration(Tag.SecretDataType),
  attributes: requestedAttributes(Tag.TemplateAttribute, Tag.Attributes),
  protectionStorageMasks: storageMasks(Tag.ProtectionStorageMasks),
});
export type JoinSplitKeyRequest = ValueOf<typeof joinSplitKeyRequest>;

/** Response of Join Split Key: Object Type stands in 1.2 alone. */
export const joinSplitKeyResponse = structure("JoinSplitKeyResponse", {
  objectType: optionalEnumeration(Tag.ObjectType, { until: V1_2 }),
  uniqueIdentifier: answeredObject,
  templateAttribute: assignedAttributes(Tag.TemplateAttribute),
});
export type JoinSplitKeyResponse = ValueOf<typeof joinSplitKeyResponse>;
