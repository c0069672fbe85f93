import { createPublicKey, X509Certificate } from "node:crypto";
import type { CertificateAuthority } from "#certs/authority.js";
import { issueClientCertificate, issueClientCertificateFor } from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { toPem } from "#certs/pem.js";
import type { ClientCertificates } from "#src/operations/contract/deployment.js";
import { defaultClientDays } from "./clients.js";

/** Certificates for clients that want another one, from the authority that the listener trusts. */
export function clientCertificatesOf(ca: CertificateAuthority): ClientCertificates {
  const optionsFor = (client: string, tenant: string) => ({
    ca,
    commonName: client,
    organization: tenant,
    validityDays: defaultClientDays,
  });
  const authority = new X509Certificate(ca.certificatePem);
  return {
    issueFor: (client, tenant, subjectPublicKeyInfo) => {
      const publicKey = createPublicKey({ key: subjectPublicKeyInfo, format: "der", type: "spki" });
      return issueClientCertificateFor(optionsFor(client, tenant), publicKey);
    },
    issueWithKey: (client, tenant) => issueClientCertificate(optionsFor(client, tenant)),
    accepted(der, client, tenant) {
      const certificate = new X509Certificate(der);
      const { subject, notAfter, extendedKeyUsages } = describeCertificate(certificate);
      const isOurs = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
      const isFor = subject === `CN=${client},O=${tenant}` && extendedKeyUsages.includes("clientAuth");
      return isOurs && isFor && notAfter.getTime() > Date.now() ? toPem("CERTIFICATE", der) : undefined;
    },
  };
}
