import { X509Certificate } from "node:crypto";
import { type DerElement, derElements, derTags, dotted, elementsOf, expected } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { validityOf } from "./times.js";

/** One extension of a certificate or of a certificate request (RFC 5280 §4.1.2.9). */
export interface Extension {
  /** Dotted identifier. */
  readonly type: string;
  readonly critical: boolean;
  /** DER of the extension's own type. */
  readonly value: Buffer;
}

/** The fields of a certificate's signed part (RFC 5280 §4.1.2), as DER. */
export interface CertificateFields {
  /** The INTEGER, tag and length included. */
  readonly serialNumber: Buffer;
  /** Dotted identifier of the signature algorithm. */
  readonly signatureAlgorithm: string;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Extension[];
}

const explicitVersionTag = 0xa0;
const extensionsTag = 0xa3;

/** The longest certificate that is read, in bytes: path building and attributes must not cost without end. */
export const longestCertificate = 64 * 1024;

/**
 * Reads a DER certificate with OpenSSL.
 *
 * @throws CertificateError where it is none, is too long, or has dates that cannot be read.
 */
export function readCertificate(der: Buffer): X509Certificate {
  if (der.length > longestCertificate) throw new CertificateError("The certificate is too long");
  if (der[0] !== derTags.sequence) throw new CertificateError("The bytes are no X.509 certificate in DER");
  const certificate = parsed(der);
  validityOf(certificate);
  return certificate;
}

function parsed(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw new CertificateError("The bytes are no X.509 certificate", { cause: error });
  }
}

/**
 * The fields of a certificate that OpenSSL has accepted.
 *
 * @throws CertificateError where a part is missing.
 */
export function certificateFields({ raw }: X509Certificate): CertificateFields {
  const [toBeSigned] = elementsOf(raw, derTags.sequence);
  const fields = derElements(expected(toBeSigned, derTags.sequence).content);
  const [serial, algorithm, issuer, , subject, publicKey, ...rest] =
    fields[0]?.tag === explicitVersionTag ? fields.slice(1) : fields;
  const [identifier] = derElements(expected(algorithm, derTags.sequence).content);
  return {
    serialNumber: expected(serial, derTags.integer).whole,
    signatureAlgorithm: dotted(expected(identifier, derTags.objectIdentifier).content),
    issuer: expected(issuer, derTags.sequence).whole,
    subject: expected(subject, derTags.sequence).whole,
    publicKey: expected(publicKey, derTags.sequence).whole,
    extensions: rest.filter(({ tag }) => tag === extensionsTag).flatMap(({ content }) => extensionsIn(content)),
  };
}

/** The most extensions that one certificate or request has here. */
const mostExtensions = 100;

/**
 * The extensions in an Extensions SEQUENCE (RFC 5280 §4.1).
 *
 * @throws CertificateError where one is not well-formed or stands twice.
 */
export function extensionsIn(der: Buffer): readonly Extension[] {
  const elements = elementsOf(der, derTags.sequence);
  if (elements.length > mostExtensions) throw new CertificateError("There are too many extensions");
  const extensions = elements.map(extension);
  if (new Set(extensions.map(({ type }) => type)).size < extensions.length) {
    throw new CertificateError("An extension stands twice");
  }
  return extensions;
}

/** The value of the extension of a type, dotted; undefined where there is none. */
export function extensionValue(extensions: readonly Extension[], type: string): Buffer | undefined {
  return extensions.find((each) => each.type === type)?.value;
}

function extension({ content }: DerElement): Extension {
  const parts = derElements(content);
  const [first, second] = parts;
  return {
    type: dotted(expected(first, derTags.objectIdentifier).content),
    critical: second?.tag === derTags.boolean && second.content[0] !== 0,
    value: expected(parts.at(-1), derTags.octetString).content,
  };
}
