import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import { interval, textString, type ValueOf } from "../schema/codec.js";
import { optional, required, structure } from "../schema/structure.js";
import { objectNaming } from "../structures/unique-identifier.js";
import { Tag } from "../tags.js";
import { storageMasks } from "./fields.js";

/**
 * Request of Re-key Key Pair (KMIP 2.1 §6.1.47): the offset is in seconds between the new keys' Initial and Activation
 * Date.
 */
export const reKeyKeyPairRequest = structure("ReKeyKeyPairRequest", {
  privateKeyUniqueIdentifier: optional(Tag.PrivateKeyUniqueIdentifier, objectNaming),
  offset: optional(Tag.Offset, interval),
  commonAttributes: requestedAttributes(Tag.CommonTemplateAttribute, Tag.CommonAttributes),
  privateKeyAttributes: requestedAttributes(Tag.PrivateKeyTemplateAttribute, Tag.PrivateKeyAttributes),
  publicKeyAttributes: requestedAttributes(Tag.PublicKeyTemplateAttribute, Tag.PublicKeyAttributes),
  commonProtectionStorageMasks: storageMasks(Tag.CommonProtectionStorageMasks),
  privateProtectionStorageMasks: storageMasks(Tag.PrivateProtectionStorageMasks),
  publicProtectionStorageMasks: storageMasks(Tag.PublicProtectionStorageMasks),
});
export type ReKeyKeyPairRequest = ValueOf<typeof reKeyKeyPairRequest>;

/** Response of Re-key Key Pair. */
export const reKeyKeyPairResponse = structure("ReKeyKeyPairResponse", {
  privateKeyUniqueIdentifier: required(Tag.PrivateKeyUniqueIdentifier, textString),
  publicKeyUniqueIdentifier: required(Tag.PublicKeyUniqueIdentifier, textString),
  privateKeyTemplateAttribute: assignedAttributes(Tag.PrivateKeyTemplateAttribute),
  publicKeyTemplateAttribute: assignedAttributes(Tag.PublicKeyTemplateAttribute),
});
export type ReKeyKeyPairResponse = ValueOf<typeof reKeyKeyPairResponse>;
