import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import { retagged } from "../schema/choice.js";
import { byteString, interval, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { objectNaming } from "../structures/unique-identifier.js";
import { Tag } from "../tags.js";
import { V2_0 } from "../versions.js";
import { answeredObject, namedObject, storageMasks } from "./fields.js";

/**
 * Request of Re-certify (KMIP 2.1 §6.1.45): the offset is in seconds between the new certificate's Initial and
 * Activation Date.
 */
export const reCertifyRequest = structure("ReCertifyRequest", {
  uniqueIdentifier: namedObject,
  certificateRequestUniqueIdentifier: optional(Tag.CertificateRequestUniqueIdentifier, objectNaming, { since: V2_0 }),
  certificateRequestType: optionalEnumeration(Tag.CertificateRequestType),
  certificateRequestValue: retagged(Tag.CertificateRequest, V2_0, Tag.CertificateRequestValue, byteString),
  offset: optional(Tag.Offset, interval),
  attributes: requestedAttributes(Tag.TemplateAttribute, Tag.Attributes),
  protectionStorageMasks: storageMasks(Tag.ProtectionStorageMasks),
});
export type ReCertifyRequest = ValueOf<typeof reCertifyRequest>;

/** Response of Re-certify. */
export const reCertifyResponse = structure("ReCertifyResponse", {
  uniqueIdentifier: answeredObject,
  templateAttribute: assignedAttributes(Tag.TemplateAttribute),
});
export type ReCertifyResponse = ValueOf<typeof reCertifyResponse>;
