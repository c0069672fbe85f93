import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import { textString, type ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { storageMasks } from "./fields.js";

/** Request of Create Key Pair (KMIP 2.1 §6.1.9). */
export const createKeyPairRequest = structure("CreateKeyPairRequest", {
  commonAttributes: requestedAttributes(Tag.CommonTemplateAttribute, Tag.CommonAttributes),
  privateKeyAttributes: requestedAttributes(Tag.PrivateKeyTemplateAttribute, Tag.PrivateKeyAttributes),
  publicKeyAttributes: requestedAttributes(Tag.PublicKeyTemplateAttribute, Tag.PublicKeyAttributes),
  commonProtectionStorageMasks: storageMasks(Tag.CommonProtectionStorageMasks),
  privateProtectionStorageMasks: storageMasks(Tag.PrivateProtectionStorageMasks),
  publicProtectionStorageMasks: storageMasks(Tag.PublicProtectionStorageMasks),
});
export type CreateKeyPairRequest = ValueOf<typeof createKeyPairRequest>;

/** Response of Create Key Pair. */
export const createKeyPairResponse = structure("CreateKeyPairResponse", {
  privateKeyUniqueIdentifier: required(Tag.PrivateKeyUniqueIdentifier, textString),
  publicKeyUniqueIdentifier: required(Tag.PublicKeyUniqueIdentifier, textString),
  privateKeyTemplateAttribute: assignedAttributes(Tag.PrivateKeyTemplateAttribute),
  publicKeyTemplateAttribute: assignedAttributes(Tag.PublicKeyTemplateAttribute),
});
export type CreateKeyPairResponse = ValueOf<typeof createKeyPairResponse>;
