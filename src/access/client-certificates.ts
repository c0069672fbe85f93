import { X509Certificate } from "node:crypto";
import type { CertificateAuthority } from "#certs/authority.js";
import { issueClientCertificate, issueClientCertificateFor } from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { certifiedKey, publicKeyFromDer } from "#certs/key-reading.js";
import { toPem } from "#certs/pem.js";

/** Days a client certificate is valid where nobody says otherwise. */
export const defaultClientDays = 825;

/** Certificates by which clients of the listener are known. The certificates are PEM. */
export interface ClientCertificates {
  /** A certificate for a key of the client's, given as SubjectPublicKeyInfo DER. Throws where that cannot be read. */
  issueFor(client: string, tenant: string, subjectPublicKeyInfo: Buffer): string;
  /** A certificate with a new key (PKCS #8, PEM). */
  issueWithKey(
    client: string,
    tenant: string,
  ): Promise<{ readonly certificatePem: string; readonly privateKeyPem: string }>;
  /** A certificate (DER) that the listener takes for this client, as PEM; undefined for any other. Throws for no certificate. */
  accepted(der: Buffer, client: string, tenant: string): string | undefined;
}

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
      const publicKey = publicKeyFromDer(subjectPublicKeyInfo);
      return issueClientCertificateFor(optionsFor(client, tenant), publicKey);
    },
    issueWithKey: (client, tenant) => issueClientCertificate(optionsFor(client, tenant)),
    accepted(der, client, tenant) {
      const certificate = new X509Certificate(der);
      const { subject, notAfter, extendedKeyUsages } = describeCertificate(certificate);
      const isOurs = certificate.checkIssued(authority) && certificate.verify(certifiedKey(authority));
      const isFor = subject === `CN=${client},O=${tenant}` && extendedKeyUsages.includes("clientAuth");
      return isOurs && isFor && notAfter.getTime() > Date.now() ? toPem("CERTIFICATE", der) : undefined;
    },
  };
}
