import { boolean, byteString, integer, longInteger, textString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration, requiredEnumeration } from "../schema/enumeration.js";
import { optional, repeated, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { V1_1 } from "../versions.js";
import { objectNaming } from "./unique-identifier.js";

/** Name (KMIP 2.1 §4.32). */
export const nameStructure = structure("Name", {
  nameValue: required(Tag.NameValue, textString),
  nameType: requiredEnumeration(Tag.NameType),
});
export type Name = ValueOf<typeof nameStructure>;

/** Alternative Name (KMIP 2.1 §4.2). */
export const alternativeNameStructure = structure("AlternativeName", {
  alternativeNameValue: required(Tag.AlternativeNameValue, textString),
  alternativeNameType: requiredEnumeration(Tag.AlternativeNameType),
});

/** Rotate Name (KMIP 2.1 §4.53). */
export const rotateNameStructure = structure("RotateName", {
  rotateNameValue: required(Tag.RotateNameValue, textString),
  rotateNameType: requiredEnumeration(Tag.RotateNameType),
});

/** Link (KMIP 2.1 §4.31). */
export const linkStructure = structure("Link", {
  linkType: requiredEnumeration(Tag.LinkType),
  linkedObjectIdentifier: required(Tag.LinkedObjectIdentifier, objectNaming),
});
export type Link = ValueOf<typeof linkStructure>;

/** Digest (KMIP 2.1 §4.21). */
export const digestStructure = structure("Digest", {
  hashingAlgorithm: requiredEnumeration(Tag.HashingAlgorithm),
  digestValue: optional(Tag.DigestValue, byteString),
  keyFormatType: optionalEnumeration(Tag.KeyFormatType, { since: V1_1 }),
});
export type Digest = ValueOf<typeof digestStructure>;

/** Usage Limits (KMIP 2.1 §4.59). */
export const usageLimitsStructure = structure("UsageLimits", {
  usageLimitsTotal: required(Tag.UsageLimitsTotal, longInteger),
  usageLimitsCount: optional(Tag.UsageLimitsCount, longInteger),
  usageLimitsUnit: requiredEnumeration(Tag.UsageLimitsUnit),
});
export type UsageLimits = ValueOf<typeof usageLimitsStructure>;

/** Revocation Reason (KMIP 2.1 §4.47). */
export const revocationReasonStructure = structure("RevocationReason", {
  revocationReasonCode: requiredEnumeration(Tag.RevocationReasonCode),
  revocationMessage: optional(Tag.RevocationMessage, textString),
});
export type RevocationReason = ValueOf<typeof revocationReasonStructure>;

/** Application Specific Information (KMIP 2.1 §4.4). Application Data may be left to the server. */
export const applicationSpecificInformationStructure = structure("ApplicationSpecificInformation", {
  applicationNamespace: required(Tag.ApplicationNamespace, textString),
  applicationData: optional(Tag.ApplicationData, textString),
});
export type ApplicationSpecificInformation = ValueOf<typeof applicationSpecificInformationStructure>;

/** Cryptographic Domain Parameters (KMIP 2.1 §4.14). Q length in bits. */
export const cryptographicDomainParametersStructure = structure("CryptographicDomainParameters", {
  qlength: optional(Tag.Qlength, integer),
  recommendedCurve: optionalEnumeration(Tag.RecommendedCurve),
});
export type CryptographicDomainParameters = ValueOf<typeof cryptographicDomainParametersStructure>;

/** Key Value Location (KMIP 2.1 §4.27). */
export const keyValueLocationStructure = structure("KeyValueLocation", {
  keyValueLocationValue: required(Tag.KeyValueLocationValue, textString),
  keyValueLocationType: requiredEnumeration(Tag.KeyValueLocationType),
});

/** RNG Parameters (KMIP 2.1 §7.31), the value of Random Number Generator. */
export const rngParametersStructure = structure("RNGParameters", {
  rngAlgorithm: requiredEnumeration(Tag.RNGAlgorithm),
  cryptographicAlgorithm: optionalEnumeration(Tag.CryptographicAlgorithm),
  cryptographicLength: optional(Tag.CryptographicLength, integer),
  hashingAlgorithm: optionalEnumeration(Tag.HashingAlgorithm),
  drbgAlgorithm: optionalEnumeration(Tag.DRBGAlgorithm),
  recommendedCurve: optionalEnumeration(Tag.RecommendedCurve),
  fips186Variation: optionalEnumeration(Tag.FIPS186Variation),
  predictionResistance: optional(Tag.PredictionResistance, boolean),
});
export type RngParameters = ValueOf<typeof rngParametersStructure>;

/** X.509 Certificate Identifier (KMIP 2.1 §4.61): DER of the issuer's name, and of the serial number. */
export const x509CertificateIdentifierStructure = structure("X509CertificateIdentifier", {
  issuerDistinguishedName: required(Tag.IssuerDistinguishedName, byteString),
  certificateSerialNumber: required(Tag.CertificateSerialNumber, byteString),
});

/** X.509 Certificate Subject (KMIP 2.1 §4.63). */
export const x509CertificateSubjectStructure = structure("X509CertificateSubject", {
  subjectDistinguishedName: required(Tag.SubjectDistinguishedName, byteString),
  subjectAlternativeName: repeated(Tag.SubjectAlternativeName, byteString),
});
export type X509CertificateSubject = ValueOf<typeof x509CertificateSubjectStructure>;

/** X.509 Certificate Issuer (KMIP 2.1 §4.62). */
export const x509CertificateIssuerStructure = structure("X509CertificateIssuer", {
  issuerDistinguishedName: required(Tag.IssuerDistinguishedName, byteString),
  issuerAlternativeName: repeated(Tag.IssuerAlternativeName, byteString),
});

/** Certificate Identifier (KMIP 1.0 §3.9). */
export const certificateIdentifierStructure = structure("CertificateIdentifier", {
  issuer: required(Tag.Issuer, textString),
  serialNumber: optional(Tag.SerialNumber, textString),
});

/** Certificate Subject (KMIP 1.0 §3.10). */
export const certificateSubjectStructure = structure("CertificateSubject", {
  certificateSubjectDistinguishedName: required(Tag.CertificateSubjectDistinguishedName, textString),
  certificateSubjectAlternativeName: repeated(Tag.CertificateSubjectAlternativeName, textString),
});
export type CertificateSubject = ValueOf<typeof certificateSubjectStructure>;

/** Certificate Issuer (KMIP 1.0 §3.11). */
export const certificateIssuerStructure = structure("CertificateIssuer", {
  certificateIssuerDistinguishedName: required(Tag.CertificateIssuerDistinguishedName, textString),
  certificateIssuerAlternativeName: repeated(Tag.CertificateIssuerAlternativeName, textString),
});
