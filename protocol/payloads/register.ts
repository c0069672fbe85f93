import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import type { ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { structure } from "../schema/structure.js";
import { managedObjectFields } from "../structures/managed-objects.js";
import { Tag } from "../tags.js";
import { answeredObject, storageMasks } from "./fields.js";

/** Request of Register (KMIP 2.1 §6.1.43): exactly one of the object fields stands, the one of the Object Type. */
export const registerRequest = structure("RegisterRequest", {
  objectType: requiredEnumeration(Tag.ObjectType),
  attributes: requestedAttributes(Tag.TemplateAttribute, Tag.Attributes, { always: true }),
  ...managedObjectFields,
  protectionStorageMasks: storageMasks(Tag.ProtectionStorageMasks),
});
export type RegisterRequest = ValueOf<typeof registerRequest>;

/** Response of Register. */
export const registerResponse = structure("RegisterResponse", {
  uniqueIdentifier: answeredObject,
  templateAttribute: assignedAttributes(Tag.TemplateAttribute),
});
export type RegisterResponse = ValueOf<typeof registerResponse>;
