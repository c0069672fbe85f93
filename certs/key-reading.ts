import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, type X509Certificate } from "node:crypto";
import { CertificateError } from "./errors.js";

/**
 * Keys out of bytes that others chose. node:crypto reads EC keys whose point is the point at infinity, or whose private
 * number is longer than the order of the curve, and ends the whole process where it is asked for their details or their
 * JWK. Such keys can be told by their not being exportable, so every key is read here and nowhere else.
 */
function readKey(what: string, read: () => KeyObject): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === "ec") checkExportable(key);
    return key;
  } catch (error) {
    throw new CertificateError(`${what} cannot be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function checkExportable(key: KeyObject): void {
  key.export({ type: key.type === "private" ? "pkcs8" : "spki", format: "der" }).fill(0);
}

/**
 * A public key from SubjectPublicKeyInfo DER.
 *
 * @throws CertificateError where OpenSSL does not take it.
 */
export function publicKeyFromDer(subjectPublicKeyInfo: Buffer): KeyObject {
  return readKey("The public key", () => createPublicKey({ key: subjectPublicKeyInfo, format: "der", type: "spki" }));
}

/**
 * A public key from PEM, also that of a private key or a certificate.
 *
 * @throws CertificateError where OpenSSL does not take it.
 */
export function publicKeyFromPem(pem: string): KeyObject {
  // Of a private key it holds the private number, over which node:crypto ends the process just so.
  return readKey("The public key", () => {
    const key = createPublicKey(pem).export({ type: "spki", format: "der" });
    return createPublicKey({ key, format: "der", type: "spki" });
  });
}

/**
 * A public key from its numbers (RFC 7517).
 *
 * @throws CertificateError where OpenSSL does not take it.
 */
export function publicKeyFromJwk(jwk: JsonWebKey): KeyObject {
  return readKey("The public key", () => createPublicKey({ key: jwk, format: "jwk" }));
}

/**
 * A private key from PKCS#8 DER.
 *
 * @throws CertificateError where OpenSSL does not take it.
 */
export function privateKeyFromDer(pkcs8: Buffer): KeyObject {
  return readKey("The private key", () => createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" }));
}

/**
 * A private key from PEM without a password.
 *
 * @throws CertificateError where OpenSSL does not take it.
 */
export function privateKeyFromPem(pem: string | Buffer): KeyObject {
  return readKey("The private key", () => createPrivateKey(pem));
}

/**
 * The key that a certificate certifies.
 *
 * @throws CertificateError where it is no key, or of a kind or on a curve that OpenSSL does not know, which it finds out
 * only here.
 */
export function certifiedKey(certificate: X509Certificate): KeyObject {
  return readKey("The public key of the certificate", () => certificate.publicKey);
}
