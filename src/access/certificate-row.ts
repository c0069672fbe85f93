import { describeCertificate } from "#certs/describe.js";
import type { ClientCertificateRow } from "#storage/types.js";

/** The registration of a client's certificate, given as PEM; this server's own authority vouches for it unless said. */
export function certificateRow(
  client: { readonly id: string; readonly tenantId: string },
  pem: string,
  vouchedBy: ClientCertificateRow["vouchedBy"] = null,
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
    vouchedBy,
  };
}
