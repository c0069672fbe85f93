import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import type { ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { answeredObject, storageMasks } from "./fields.js";

/** Request of Create (KMIP 2.1 §6.1.8). */
export const createRequest = structure("CreateRequest", {
  objectType: requiredEnumeration(Tag.ObjectType),
  attributes: requestedAttributes(Tag.TemplateAttribute, Tag.Attributes, { always: true }),
  protectionStorageMasks: storageMasks(Tag.ProtectionStorageMasks),
});
export type CreateRequest = ValueOf<typeof createRequest>;

/** Response of Create. */
export const createResponse = structure("CreateResponse", {
  objectType: requiredEnumeration(Tag.ObjectType),
  uniqueIdentifier: answeredObject,
  templateAttribute: assignedAttributes(Tag.TemplateAttribute),
});
export type CreateResponse = ValueOf<typeof createResponse>;
