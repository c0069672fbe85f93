/** A certificate, key or revocation list could not be made or read; the message says why and holds no key material. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}
