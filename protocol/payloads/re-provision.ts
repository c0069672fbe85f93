import { textString, type ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { certificate, certificateRequest } from "../structures/managed-objects.js";
import { Tag } from "../tags.js";

/** Request of Re-Provision (KMIP 2.1 §6.1.48). */
export const reProvisionRequest = structure("ReProvisionRequest", {
  certificateRequest: optional(Tag.CertificateRequest, certificateRequest),
  certificate: optional(Tag.Certificate, certificate),
});
export type ReProvisionRequest = ValueOf<typeof reProvisionRequest>;

/** Response of Re-Provision. */
export const reProvisionResponse = structure("ReProvisionResponse", {
  uniqueIdentifier: optional(Tag.UniqueIdentifier, textString),
});
export type ReProvisionResponse = ValueOf<typeof reProvisionResponse>;
