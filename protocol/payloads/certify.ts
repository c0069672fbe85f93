import { assignedAttributes, requestedAttributes } from "../attributes/fields.js";
import { retagged } from "../schema/choice.js";
import { byteString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration } from "../schema/enumeration.js";
import { structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { V2_0 } from "../versions.js";
import { answeredObject, namedObject, storageMasks } from "./fields.js";

/** Request of Certify (KMIP 2.1 §6.1.6). */
export const certifyRequest = structure("CertifyRequest", {
  uniqueIdentifier: namedObject,
  certificateRequestType: optionalEnumeration(Tag.CertificateRequestType),
  certificateRequestValue: retagged(Tag.CertificateRequest, V2_0, Tag.CertificateRequestValue, byteString),
  attributes: requestedAttributes(Tag.TemplateAttribute, Tag.Attributes),
  protectionStorageMasks: storageMasks(Tag.ProtectionStorageMasks),
});
export type CertifyRequest = ValueOf<typeof certifyRequest>;

/** Response of Certify. */
export const certifyResponse = structure("CertifyResponse", {
  uniqueIdentifier: answeredObject,
  templateAttribute: assignedAttributes(Tag.TemplateAttribute),
});
export type CertifyResponse = ValueOf<typeof certifyResponse>;
