import type { Extension } from "./certificate-fields.js";
import { type DerElement, derTags, expected, wholeBytes } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { publicKeyFromDer } from "./key-reading.js";
import { isSignedBy } from "./request-signature.js";

/** What a client asks to be certified; that it has the private key is proven. */
export interface CertificateRequest {
  /** Name, DER; it may be empty. */
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo DER. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Extension[];
}

/**
 * Reads the public key of a request, and verifies the signature that proves the possession of its private key.
 *
 * @throws CertificateError where the key cannot be read or the signature is not its own.
 */
export function checkPossession(
  subjectPublicKeyInfo: Buffer,
  algorithm: DerElement,
  data: Buffer,
  signature: DerElement | undefined,
): void {
  const bytes = wholeBytes(expected(signature, derTags.bitString));
  if (!isSignedBy(publicKeyFromDer(subjectPublicKeyInfo), algorithm, data, bytes)) {
    throw new CertificateError("The request is not signed by the key it names");
  }
}
