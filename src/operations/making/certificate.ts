import { type CertifiedKeyType, certificateFacts } from "#certs/certificate-facts.js";
import { describeCertificate } from "#certs/describe.js";
import { CertificateError } from "#certs/errors.js";
import type { NamePart } from "#certs/name-parts.js";
import { type AttributeDefinition, attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, CryptographicAlgorithm, DigitalSignatureAlgorithm } from "#protocol/enums/index.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { withPgpAttributes } from "./pgp-attributes.js";

/** Digital Signature Algorithm by the dotted identifier in the certificate (RFC 4055, RFC 5758). */
const signatureAlgorithms: ReadonlyMap<string, number> = new Map([
  ["1.2.840.113549.1.1.2", DigitalSignatureAlgorithm.MD2WithRSAEncryption],
  ["1.2.840.113549.1.1.4", DigitalSignatureAlgorithm.MD5WithRSAEncryption],
  ["1.2.840.113549.1.1.5", DigitalSignatureAlgorithm.SHA_1WithRSAEncryption],
  ["1.2.840.113549.1.1.14", DigitalSignatureAlgorithm.SHA_224WithRSAEncryption],
  ["1.2.840.113549.1.1.11", DigitalSignatureAlgorithm.SHA_256WithRSAEncryption],
  ["1.2.840.113549.1.1.12", DigitalSignatureAlgorithm.SHA_384WithRSAEncryption],
  ["1.2.840.113549.1.1.13", DigitalSignatureAlgorithm.SHA_512WithRSAEncryption],
  ["2.16.840.1.101.3.4.3.14", DigitalSignatureAlgorithm.SHA3_256WithRSAEncryption],
  ["2.16.840.1.101.3.4.3.15", DigitalSignatureAlgorithm.SHA3_384WithRSAEncryption],
  ["2.16.840.1.101.3.4.3.16", DigitalSignatureAlgorithm.SHA3_512WithRSAEncryption],
  ["1.2.840.113549.1.1.10", DigitalSignatureAlgorithm.RSASSA_PSS],
  ["1.2.840.10040.4.3", DigitalSignatureAlgorithm.DSAWithSHA_1],
  ["2.16.840.1.101.3.4.3.1", DigitalSignatureAlgorithm.DSAWithSHA224],
  ["2.16.840.1.101.3.4.3.2", DigitalSignatureAlgorithm.DSAWithSHA256],
  ["1.2.840.10045.4.1", DigitalSignatureAlgorithm.ECDSAWithSHA_1],
  ["1.2.840.10045.4.3.1", DigitalSignatureAlgorithm.ECDSAWithSHA224],
  ["1.2.840.10045.4.3.2", DigitalSignatureAlgorithm.ECDSAWithSHA256],
  ["1.2.840.10045.4.3.3", DigitalSignatureAlgorithm.ECDSAWithSHA384],
  ["1.2.840.10045.4.3.4", DigitalSignatureAlgorithm.ECDSAWithSHA512],
]);

/** The attributes that tell single parts of the names, since 2.0 (KMIP 2.1 §4.6, RFC 4519, RFC 2985). */
const nameAttributes: ReadonlyMap<
  string,
  { readonly subject: AttributeDefinition<string>; readonly issuer: AttributeDefinition<string> }
> = new Map([
  ["2.5.4.3", { subject: attributes.certificateSubjectCN, issuer: attributes.certificateIssuerCN }],
  ["2.5.4.10", { subject: attributes.certificateSubjectO, issuer: attributes.certificateIssuerO }],
  ["2.5.4.11", { subject: attributes.certificateSubjectOU, issuer: attributes.certificateIssuerOU }],
  ["1.2.840.113549.1.9.1", { subject: attributes.certificateSubjectEmail, issuer: attributes.certificateIssuerEmail }],
  ["2.5.4.6", { subject: attributes.certificateSubjectC, issuer: attributes.certificateIssuerC }],
  ["2.5.4.8", { subject: attributes.certificateSubjectST, issuer: attributes.certificateIssuerST }],
  ["2.5.4.7", { subject: attributes.certificateSubjectL, issuer: attributes.certificateIssuerL }],
  ["0.9.2342.19200300.100.1.1", { subject: attributes.certificateSubjectUID, issuer: attributes.certificateIssuerUID }],
  ["2.5.4.5", { subject: attributes.certificateSubjectSerialNumber, issuer: attributes.certificateIssuerSerialNumber }],
  ["2.5.4.12", { subject: attributes.certificateSubjectTitle, issuer: attributes.certificateIssuerTitle }],
  ["0.9.2342.19200300.100.1.25", { subject: attributes.certificateSubjectDC, issuer: attributes.certificateIssuerDC }],
  ["2.5.4.46", { subject: attributes.certificateSubjectDNQualifier, issuer: attributes.certificateIssuerDNQualifier }],
]);

function withNameParts(set: AttributeSet, side: "subject" | "issuer", parts: readonly NamePart[]): AttributeSet {
  return parts.reduce((sum, { type, value }) => {
    const definition = nameAttributes.get(type)?.[side];
    return definition === undefined ? sum : sum.adding(definition.name, value);
  }, set);
}

/** The names as text, and the serial number, which 1.0 knew before the X.509 attributes (KMIP 1.0 §3.9 to §3.11). */
function withTextAttributes(set: AttributeSet, value: Buffer): AttributeSet {
  const { issuer, subject, serial, subjectAlternativeNames } = readOrRefuse(() => describeCertificate(value));
  return set
    .with(attributes.certificateIdentifier, { issuer, serialNumber: serial })
    .with(attributes.certificateSubject, {
      certificateSubjectDistinguishedName: subject,
      certificateSubjectAlternativeName: subjectAlternativeNames.map((name) => name.slice(name.indexOf(":") + 1)),
    })
    .with(attributes.certificateIssuer, {
      certificateIssuerDistinguishedName: issuer,
      certificateIssuerAlternativeName: [],
    });
}

const algorithms: Readonly<Record<CertifiedKeyType, number | undefined>> = {
  rsa: CryptographicAlgorithm.RSA,
  ec: CryptographicAlgorithm.ECDSA,
  dsa: CryptographicAlgorithm.DSA,
  ed25519: CryptographicAlgorithm.Ed25519,
  ed448: CryptographicAlgorithm.Ed448,
  other: undefined,
};

/** What the server sets on a certificate object, from the certificate itself. */
export interface CertificateAttributes {
  readonly set: AttributeSet;
  readonly algorithm: number | undefined;
  /** Bits of the public key. */
  readonly length: number | undefined;
}

/**
 * Adds the attributes of a certificate to those a client gave (KMIP 2.1 §4.7, §4.8, §4.22, §4.61 to §4.63).
 * Throws KmipError where the value is no certificate or the client claims another type.
 */
export function certificateAttributes(requested: AttributeSet, type: number, value: Buffer): CertificateAttributes {
  checkClaim(requested, attributes.certificateType, type);
  checkClaim(requested, attributes.certificateLength, value.length);
  const typed = requested.with(attributes.certificateType, type).with(attributes.certificateLength, value.length);
  if (type !== CertificateType.X_509) return withPgpAttributes(typed, value);
  const facts = readOrRefuse(() => certificateFacts(value));
  const signatureAlgorithm = signatureAlgorithms.get(facts.signatureAlgorithm);
  if (signatureAlgorithm !== undefined) checkClaim(requested, attributes.digitalSignatureAlgorithm, signatureAlgorithm);
  const set = typed
    .with(attributes.x509CertificateIdentifier, {
      issuerDistinguishedName: facts.issuer,
      certificateSerialNumber: facts.serialNumber,
    })
    .with(attributes.x509CertificateSubject, {
      subjectDistinguishedName: facts.subject,
      subjectAlternativeName: facts.subjectAlternativeNames,
    })
    .with(attributes.x509CertificateIssuer, {
      issuerDistinguishedName: facts.issuer,
      issuerAlternativeName: facts.issuerAlternativeNames,
    })
    .with(attributes.digitalSignatureAlgorithm, signatureAlgorithm);
  const named = withNameParts(withNameParts(set, "subject", facts.subjectParts), "issuer", facts.issuerParts);
  return {
    set: withTextAttributes(named, value),
    algorithm: algorithms[facts.publicKeyType],
    length: facts.publicKeyBits,
  };
}

/** What a client says of a certificate must be what the certificate says. Throws KmipError `InvalidAttributeValue`. */
function checkClaim(requested: AttributeSet, definition: AttributeDefinition<number>, fact: number): void {
  if (requested.values(definition).every((claimed) => claimed === fact)) return;
  throw new KmipError("InvalidAttributeValue", `the certificate shows another ${definition.name}`);
}

function readOrRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new KmipError("InvalidField", "the certificate value is no X.509 certificate in DER", { cause: error });
  }
}
