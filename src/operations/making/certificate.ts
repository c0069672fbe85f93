import { type CertificateFacts, certificateFacts } from "#certs/certificate-facts.js";
import { CertificateError } from "#certs/errors.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { CertificateType, CryptographicAlgorithm, DigitalSignatureAlgorithm } from "#protocol/enums/index.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** Digital Signature Algorithm by the dotted identifier in the certificate (RFC 4055, RFC 5758). */
const signatureAlgorithms: ReadonlyMap<string, number> = new Map([
  ["1.2.840.113549.1.1.2", DigitalSignatureAlgorithm.MD2WithRSAEncryption],
  ["1.2.840.113549.1.1.4", DigitalSignatureAlgorithm.MD5WithRSAEncryption],
  ["1.2.840.113549.1.1.5", DigitalSignatureAlgorithm.SHA_1WithRSAEncryption],
  ["1.2.840.113549.1.1.14", DigitalSignatureAlgorithm.SHA_224WithRSAEncryption],
  ["1.2.840.113549.1.1.11", DigitalSignatureAlgorithm.SHA_256WithRSAEncryption],
  ["1.2.840.113549.1.1.12", DigitalSignatureAlgorithm.SHA_384WithRSAEncryption],
  ["1.2.840.113549.1.1.13", DigitalSignatureAlgorithm.SHA_512WithRSAEncryption],
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

const algorithms: Readonly<Record<CertificateFacts["publicKeyType"], number | undefined>> = {
  rsa: CryptographicAlgorithm.RSA,
  ec: CryptographicAlgorithm.ECDSA,
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
 * Adds the attributes of an X.509 certificate to those a client gave (KMIP 2.1 §4.7, §4.8, §4.22, §4.61 to §4.63).
 * Throws KmipError where the value is no certificate or the client claims another type.
 */
export function certificateAttributes(requested: AttributeSet, type: number, value: Buffer): CertificateAttributes {
  const claimed = requested.get(attributes.certificateType);
  if (claimed !== undefined && claimed !== type) {
    throw new KmipError("InvalidAttributeValue", "the attribute Certificate Type differs from that of the certificate");
  }
  const typed = requested.with(attributes.certificateType, type).with(attributes.certificateLength, value.length);
  if (type !== CertificateType.X_509) return { set: typed, algorithm: undefined, length: undefined };
  const facts = factsOf(value);
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
    .with(attributes.digitalSignatureAlgorithm, signatureAlgorithms.get(facts.signatureAlgorithm));
  return { set, algorithm: algorithms[facts.publicKeyType], length: facts.publicKeyBits };
}

function factsOf(value: Buffer): CertificateFacts {
  try {
    return certificateFacts(value);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new KmipError("InvalidField", "the certificate value is no X.509 certificate in DER", { cause: error });
  }
}
