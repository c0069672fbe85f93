import { describeCertificate } from "#certs/describe.js";
import type { ClientCertificateRow } from "#storage/types.js";

/** The registration of a client's certificate, given as PEM. */
export function certificateRow(
  client: { readonly id: string; readonly tenantId: string },
  pem: string,
): ClientCertificateRow {
  const described = describeCertificate(pem);
  return {
    fingerprint: described.fingerprint256,
    clientId: client.id,
    tenantId: client.tenantId,
    subject: described.subject,
    issuer: described.issuer,
    serialNumber: described.serial,
    notBefore: described.notBefore.getTime(),
    notAfter: described.notAfter.getTime(),
    state: "active",
    pem,
  };
}
