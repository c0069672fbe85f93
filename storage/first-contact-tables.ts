import type { TrustedAuthorityRow, WaitingCertificateRow } from "./first-contact-types.js";
import { table } from "./tables.js";

export const waitingCertificatesTable = table<WaitingCertificateRow>("waiting_certificates", {
  fingerprint: "text",
  subject: "text",
  issuer: "text",
  keyType: "text",
  pem: "text",
  notBefore: "integer",
  notAfter: "integer",
  sourceAddress: "text",
  listener: "text",
  firstSeen: "integer",
  lastSeen: "integer",
  count: "integer",
  state: "text",
  authorityId: "text",
  suggestedName: "text",
  note: "text",
});

export const trustedAuthoritiesTable = table<TrustedAuthorityRow>("trusted_authorities", {
  id: "text",
  tenantId: "text",
  name: "text",
  certificates: "text",
  rules: "text",
  nameFrom: "text",
  revocationLists: "text",
  autoRegister: "boolean",
  createdAt: "integer",
  changedAt: "integer",
  revision: "integer",
});
