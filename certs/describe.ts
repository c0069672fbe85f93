import { type KeyObject, X509Certificate } from "node:crypto";
import { certificateFields, extensionValue } from "./certificate-fields.js";
import { certifiedKey } from "./key-reading.js";
import { keyTypeName } from "./keys.js";
import { objectIdentifiers } from "./object-identifiers.js";
import { readExtendedKeyUsages } from "./requested-extensions.js";
import { validityOf } from "./times.js";

/** What a certificate says, in the forms this server stores and shows. */
export interface CertificateDescription {
  /** Names as RFC 4514 writes them, the most particular part first: `CN=demo-client,O=Demo`. */
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal, lower-case. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 over the DER: 64 hexadecimal digits, lower-case, no colons. */
  readonly fingerprint256: string;
  /** `serverAuth`, `clientAuth`, or the dotted identifier of any other; empty when the extension is absent. */
  readonly extendedKeyUsages: readonly string[];
  /** As OpenSSL writes them: `DNS:host`, `IP Address:127.0.0.1`. */
  readonly subjectAlternativeNames: readonly string[];
  readonly isAuthority: boolean;
  /** `EC P-256`, `RSA 2048`; `unknown` for a key that cannot be read. */
  readonly keyType: string;
  readonly der: Buffer;
}

/**
 * Reads a certificate with node:crypto, which stands hostile input.
 *
 * @throws Error of node:crypto when the bytes are no certificate; CertificateError when its dates or extensions cannot.
 */
export function describeCertificate(certificate: string | Buffer | X509Certificate): CertificateDescription {
  const read = certificate instanceof X509Certificate ? certificate : new X509Certificate(certificate);
  return {
    subject: nameText(read.subject),
    issuer: nameText(read.issuer),
    serial: read.serialNumber.toLowerCase(),
    ...validityOf(read),
    fingerprint256: certificateFingerprint(read),
    extendedKeyUsages: extendedKeyUsagesOf(read),
    subjectAlternativeNames: splitAlternativeNames(read.subjectAltName),
    isAuthority: read.ca,
    keyType: keyTypeOf(read),
    der: read.raw,
  };
}

/**
 * The extended key usages of a certificate, as CertificateDescription has them. Not asked of node:crypto: it reads behind
 * its memory where an identifier is longer than 256 characters.
 *
 * @throws CertificateError where they cannot be read.
 */
export function extendedKeyUsagesOf(certificate: X509Certificate): readonly string[] {
  const value = extensionValue(certificateFields(certificate).extensions, objectIdentifiers.extKeyUsage);
  return value === undefined ? [] : readExtendedKeyUsages(value);
}

/** SHA-256 over the certificate's DER: 64 hexadecimal digits, lower-case, no colons. */
export function certificateFingerprint(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

/** OpenSSL gives one relative name a line, the least particular first, with the special characters escaped. */
function nameText(lines: string | undefined): string {
  return (lines ?? "").split("\n").reverse().join(",");
}

/** A name that holds a comma or a quote stands in JSON quotes (CVE-2021-44532), so commas inside quotes do not part. */
function splitAlternativeNames(text: string | undefined): readonly string[] {
  return text?.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g)?.map((name) => name.trim()) ?? [];
}

function keyTypeOf(certificate: X509Certificate): string {
  let key: KeyObject;
  try {
    key = certifiedKey(certificate);
  } catch {
    // What OpenSSL does not take for a key still belongs to a certificate that can be described.
    return "unknown";
  }
  return keyTypeName(key);
}
