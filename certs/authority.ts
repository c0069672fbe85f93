import { type KeyObject, X509Certificate } from "node:crypto";
import { childrenOf, type DerNode, encodeDer, splicedDer } from "./der.js";
import { CertificateError } from "./errors.js";
import { keyIdentifier } from "./extensions.js";
import { certifiedKey, privateKeyFromPem } from "./key-reading.js";

/** An authority's certificate and its private key (PKCS#8), both PEM. */
export interface CertificateAuthority {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What issuing needs of an authority, read once and checked. */
export interface Issuer {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  /** The authority's subject name, byte for byte, which its certificates name as issuer. */
  readonly name: DerNode;
  readonly keyIdentifier: Buffer;
  readonly notAfter: Date;
}

/**
 * Reads an authority.
 *
 * @throws CertificateError when the certificate is no authority's, has expired, or does not belong to the key.
 */
export function openAuthority(authority: CertificateAuthority, now: Date = new Date()): Issuer {
  const certificate = new X509Certificate(authority.certificatePem);
  const privateKey = privateKeyFromPem(authority.privateKeyPem);
  if (!certificate.ca) throw new CertificateError(`"${certificate.subject}" is not a certificate authority`);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError(`The private key does not belong to the authority "${certificate.subject}"`);
  }
  const notAfter = new Date(certificate.validTo);
  if (notAfter <= now) {
    throw new CertificateError(`The authority "${certificate.subject}" expired on ${notAfter.toISOString()}`);
  }
  const toBeSigned = childrenOf(childrenOf(splicedDer(certificate.raw))[0]);
  return {
    certificate,
    privateKey,
    name: nthField(toBeSigned, 5),
    keyIdentifier: statedKeyIdentifier(toBeSigned) ?? keyIdentifier(certifiedKey(certificate)),
    notAfter,
  };
}

function nthField(toBeSigned: readonly DerNode[], index: number): DerNode {
  const field = toBeSigned[index];
  if (field === undefined) throw new CertificateError("The authority certificate is cut short");
  return field;
}

const subjectKeyIdentifierDer = Buffer.from("0603551d0e", "hex");

function statedKeyIdentifier(toBeSigned: readonly DerNode[]): Buffer | undefined {
  const wrapper = toBeSigned.find((field) => (field.tagClass as number) === 0x80 && (field.type as number) === 3);
  if (wrapper === undefined) return undefined;
  for (const extension of childrenOf(childrenOf(wrapper)[0])) {
    const [identifier, ...rest] = childrenOf(extension);
    const value = rest.at(-1);
    if (identifier === undefined || value === undefined) continue;
    if (!encodeDer(identifier).equals(subjectKeyIdentifierDer)) continue;
    const encoded = encodeDer(value);
    // Two headers of two bytes each stand before it: the extension's OCTET STRING and the identifier's own.
    return encoded.subarray(4);
  }
  return undefined;
}
