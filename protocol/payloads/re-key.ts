import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import { interval, type ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject, storageMasks } from "./fields.js";

/** Request of Re-key (KMIP 2.1 §6.1.46): the offset is in seconds between the new key's Initial and Activation Date. */
export const reKeyRequest = structure("ReKeyRequest", {
  uniqueIdentifier: namedObject,
  offset: optional(Tag.Offset, interval),
  attributes: requestedAttributes(Tag.TemplateAttribute, Tag.Attributes),
  protectionStorageMasks: storageMasks(Tag.ProtectionStorageMasks),
});
export type ReKeyRequest = ValueOf<typeof reKeyRequest>;

/** Response of Re-key. */
export const reKeyResponse = structure("ReKeyResponse", {
  uniqueIdentifier: answeredObject,
  templateAttribute: assignedAttributes(Tag.TemplateAttribute),
});
export type ReKeyResponse = ValueOf<typeof reKeyResponse>;
