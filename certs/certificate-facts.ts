import type { KeyObject, X509Certificate } from "node:crypto";
import { certificateFields, type Extension, extensionValue, readCertificate } from "./certificate-fields.js";
import { derElements, derTags, elementsOf } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { certifiedKey } from "./key-reading.js";
import { curveBits } from "./keys.js";
import { type NamePart, nameParts } from "./name-parts.js";
import { objectIdentifiers } from "./object-identifiers.js";

/** The kinds of public key that certificates are told apart by. */
export type CertifiedKeyType = "rsa" | "ec" | "dsa" | "ed25519" | "ed448" | "other";

/** What KMIP tells of an X.509 certificate (KMIP 2.1 §4.6, §4.61 to §4.63). All names and numbers as DER. */
export interface CertificateFacts {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** The parts of each name in their order. */
  readonly issuerParts: readonly NamePart[];
  readonly subjectParts: readonly NamePart[];
  /** The INTEGER, tag and length included. */
  readonly serialNumber: Buffer;
  /** Each GeneralName of the Subject and Issuer Alternative Name extensions. */
  readonly subjectAlternativeNames: readonly Buffer[];
  readonly issuerAlternativeNames: readonly Buffer[];
  /** Dotted identifier of the signature algorithm. */
  readonly signatureAlgorithm: string;
  /** SubjectPublicKeyInfo DER. */
  readonly publicKey: Buffer;
  readonly publicKeyType: CertifiedKeyType;
  /** Modulus or field size in bits; undefined for other kinds of key. */
  readonly publicKeyBits: number | undefined;
}

/**
 * Reads the facts of a DER certificate, which OpenSSL must accept first.
 *
 * @throws CertificateError where it is no X.509 certificate.
 */
export function certificateFacts(der: Buffer): CertificateFacts {
  const certificate = readCertificate(der);
  if (certificate.raw.length !== der.length) throw new CertificateError("More bytes stand behind the certificate");
  const { issuer, subject, serialNumber, signatureAlgorithm, publicKey, extensions } = certificateFields(certificate);
  return {
    issuer,
    subject,
    issuerParts: partsOf(issuer),
    subjectParts: partsOf(subject),
    serialNumber,
    subjectAlternativeNames: generalNames(extensions, objectIdentifiers.subjectAltName),
    issuerAlternativeNames: generalNames(extensions, objectIdentifiers.issuerAltName),
    signatureAlgorithm,
    publicKey,
    ...keyFacts(certificate),
  };
}

function partsOf(name: Buffer): readonly NamePart[] {
  const [sequence] = derElements(name);
  return sequence === undefined ? [] : nameParts(sequence.content);
}

/** The GeneralNames of an alternative name extension; none where it is absent. */
function generalNames(extensions: readonly Extension[], type: string): readonly Buffer[] {
  const value = extensionValue(extensions, type);
  if (value === undefined) return [];
  return elementsOf(value, derTags.sequence).map(({ whole }) => whole);
}

type KeyFacts = Pick<CertificateFacts, "publicKeyType" | "publicKeyBits">;

function keyFacts(certificate: X509Certificate): KeyFacts {
  try {
    return factsOfKey(certifiedKey(certificate));
  } catch {
    // A key of a kind that OpenSSL does not know still belongs to a certificate that can be kept.
    return { publicKeyType: "other", publicKeyBits: undefined };
  }
}

function factsOfKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyFacts {
  switch (asymmetricKeyType) {
    case "rsa":
    case "rsa-pss":
      return { publicKeyType: "rsa", publicKeyBits: asymmetricKeyDetails?.modulusLength };
    case "dsa":
      return { publicKeyType: "dsa", publicKeyBits: asymmetricKeyDetails?.modulusLength };
    case "ec":
      return { publicKeyType: "ec", publicKeyBits: curveBits(asymmetricKeyDetails?.namedCurve) };
    case "ed25519":
      return { publicKeyType: "ed25519", publicKeyBits: 256 };
    case "ed448":
      return { publicKeyType: "ed448", publicKeyBits: 456 };
    default:
      return { publicKeyType: "other", publicKeyBits: undefined };
  }
}
