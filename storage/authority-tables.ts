import { table } from "./tables.js";
import type { CertificateAuthorityRow } from "./types.js";

export const certificateAuthoritiesTable = table<CertificateAuthorityRow>("certificate_authorities", {
  tenantId: "text",
  generation: "integer",
  certificateObjectId: "text",
  certificate: "bytes",
  keyId: "text",
  custody: "text",
  material: "bytes",
  keyEncryptionKeyVersion: "integer",
  createdAt: "integer",
  integrityTag: "bytes",
});
