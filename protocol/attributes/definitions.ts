import { boolean, byteString, type Codec, dateTime, integer, interval, textString } from "../schema/codec.js";
import { enumerationFor } from "../schema/enumeration.js";
import {
  alternativeNameStructure,
  applicationSpecificInformationStructure,
  certificateIdentifierStructure,
  certificateIssuerStructure,
  certificateSubjectStructure,
  cryptographicDomainParametersStructure,
  digestStructure,
  keyValueLocationStructure,
  linkStructure,
  nameStructure,
  revocationReasonStructure,
  rngParametersStructure,
  rotateNameStructure,
  usageLimitsStructure,
  x509CertificateIdentifierStructure,
  x509CertificateIssuerStructure,
  x509CertificateSubjectStructure,
} from "../structures/attribute-values.js";
import { cryptographicParameters } from "../structures/cryptographic-parameters.js";
import { Tag } from "../tags.js";
import { V1_1, V1_2, V1_3, V1_4, V2_0, V2_1, V3_0, type VersionSpan } from "../versions.js";

/** How one attribute is called and written, and in which versions it stands. */
export interface AttributeDefinition<T = unknown> {
  readonly name: string;
  /** The tag that carries it since 2.0. */
  readonly tag: number;
  readonly codec: Codec<T>;
  readonly span: VersionSpan;
}

function attribute<T>(name: string, tag: number, codec: Codec<T>, span: VersionSpan = {}): AttributeDefinition<T> {
  return { name, tag, codec, span };
}

function enumerated(name: string, tag: number, span: VersionSpan = {}): AttributeDefinition<number> {
  return attribute(name, tag, enumerationFor(tag), span);
}

/** Every attribute of KMIP 1.0 to 2.1 (2.1 §4, 1.4 §3), one row each. Rules of setting and changing: src/objects. */
export const attributes = {
  uniqueIdentifier: attribute("Unique Identifier", Tag.UniqueIdentifier, textString),
  shortUniqueIdentifier: attribute("Short Unique Identifier", Tag.ShortUniqueIdentifier, byteString, { since: V2_0 }),
  name: attribute("Name", Tag.Name, nameStructure),
  alternativeName: attribute("Alternative Name", Tag.AlternativeName, alternativeNameStructure, { since: V1_2 }),
  objectType: enumerated("Object Type", Tag.ObjectType),
  objectClass: enumerated("Object Class", Tag.ObjectClass, { since: V3_0 }),
  cryptographicAlgorithm: enumerated("Cryptographic Algorithm", Tag.CryptographicAlgorithm),
  cryptographicLength: attribute("Cryptographic Length", Tag.CryptographicLength, integer),
  cryptographicParameters: attribute("Cryptographic Parameters", Tag.CryptographicParameters, cryptographicParameters),
  cryptographicDomainParameters: attribute(
    "Cryptographic Domain Parameters",
    Tag.CryptographicDomainParameters,
    cryptographicDomainParametersStructure,
  ),
  cryptographicUsageMask: attribute("Cryptographic Usage Mask", Tag.CryptographicUsageMask, integer),
  certificateType: enumerated("Certificate Type", Tag.CertificateType),
  certificateLength: attribute("Certificate Length", Tag.CertificateLength, integer, { since: V1_1 }),
  x509CertificateIdentifier: attribute(
    "X.509 Certificate Identifier",
    Tag.X_509CertificateIdentifier,
    x509CertificateIdentifierStructure,
    { since: V1_1 },
  ),
  x509CertificateSubject: attribute(
    "X.509 Certificate Subject",
    Tag.X_509CertificateSubject,
    x509CertificateSubjectStructure,
    { since: V1_1 },
  ),
  x509CertificateIssuer: attribute(
    "X.509 Certificate Issuer",
    Tag.X_509CertificateIssuer,
    x509CertificateIssuerStructure,
    { since: V1_1 },
  ),
  certificateIdentifier: attribute(
    "Certificate Identifier",
    Tag.CertificateIdentifier,
    certificateIdentifierStructure,
    {
      until: V1_4,
    },
  ),
  certificateSubject: attribute("Certificate Subject", Tag.CertificateSubject, certificateSubjectStructure, {
    until: V1_4,
  }),
  certificateIssuer: attribute("Certificate Issuer", Tag.CertificateIssuer, certificateIssuerStructure, {
    until: V1_4,
  }),
  certificateSubjectCN: attribute("Certificate Subject CN", Tag.CertificateSubjectCN, textString, { since: V2_0 }),
  certificateSubjectO: attribute("Certificate Subject O", Tag.CertificateSubjectO, textString, { since: V2_0 }),
  certificateSubjectOU: attribute("Certificate Subject OU", Tag.CertificateSubjectOU, textString, { since: V2_0 }),
  certificateSubjectEmail: attribute("Certificate Subject Email", Tag.CertificateSubjectEmail, textString, {
    since: V2_0,
  }),
  certificateSubjectC: attribute("Certificate Subject C", Tag.CertificateSubjectC, textString, { since: V2_0 }),
  certificateSubjectST: attribute("Certificate Subject ST", Tag.CertificateSubjectST, textString, { since: V2_0 }),
  certificateSubjectL: attribute("Certificate Subject L", Tag.CertificateSubjectL, textString, { since: V2_0 }),
  certificateSubjectUID: attribute("Certificate Subject UID", Tag.CertificateSubjectUID, textString, { since: V2_0 }),
  certificateSubjectSerialNumber: attribute(
    "Certificate Subject Serial Number",
    Tag.CertificateSubjectSerialNumber,
    textString,
    { since: V2_0 },
  ),
  certificateSubjectTitle: attribute("Certificate Subject Title", Tag.CertificateSubjectTitle, textString, {
    since: V2_0,
  }),
  certificateSubjectDC: attribute("Certificate Subject DC", Tag.CertificateSubjectDC, textString, { since: V2_0 }),
  certificateSubjectDNQualifier: attribute(
    "Certificate Subject DN Qualifier",
    Tag.CertificateSubjectDNQualifier,
    textString,
    { since: V2_0 },
  ),
  certificateIssuerCN: attribute("Certificate Issuer CN", Tag.CertificateIssuerCN, textString, { since: V2_0 }),
  certificateIssuerO: attribute("Certificate Issuer O", Tag.CertificateIssuerO, textString, { since: V2_0 }),
  certificateIssuerOU: attribute("Certificate Issuer OU", Tag.CertificateIssuerOU, textString, { since: V2_0 }),
  certificateIssuerEmail: attribute("Certificate Issuer Email", Tag.CertificateIssuerEmail, textString, {
    since: V2_0,
  }),
  certificateIssuerC: attribute("Certificate Issuer C", Tag.CertificateIssuerC, textString, { since: V2_0 }),
  certificateIssuerST: attribute("Certificate Issuer ST", Tag.CertificateIssuerST, textString, { since: V2_0 }),
  certificateIssuerL: attribute("Certificate Issuer L", Tag.CertificateIssuerL, textString, { since: V2_0 }),
  certificateIssuerUID: attribute("Certificate Issuer UID", Tag.CertificateIssuerUID, textString, { since: V2_0 }),
  certificateIssuerSerialNumber: attribute(
    "Certificate Issuer Serial Number",
    Tag.CertificateIssuerSerialNumber,
    textString,
    { since: V2_0 },
  ),
  certificateIssuerTitle: attribute("Certificate Issuer Title", Tag.CertificateIssuerTitle, textString, {
    since: V2_0,
  }),
  certificateIssuerDC: attribute("Certificate Issuer DC", Tag.CertificateIssuerDC, textString, { since: V2_0 }),
  certificateIssuerDNQualifier: attribute(
    "Certificate Issuer DN Qualifier",
    Tag.CertificateIssuerDNQualifier,
    textString,
    { since: V2_0 },
  ),
  digitalSignatureAlgorithm: enumerated("Digital Signature Algorithm", Tag.DigitalSignatureAlgorithm, { since: V1_1 }),
  digest: attribute("Digest", Tag.Digest, digestStructure),
  operationPolicyName: attribute("Operation Policy Name", Tag.OperationPolicyName, textString, { until: V1_4 }),
  leaseTime: attribute("Lease Time", Tag.LeaseTime, interval),
  usageLimits: attribute("Usage Limits", Tag.UsageLimits, usageLimitsStructure),
  state: enumerated("State", Tag.State),
  initialDate: attribute("Initial Date", Tag.InitialDate, dateTime),
  activationDate: attribute("Activation Date", Tag.ActivationDate, dateTime),
  processStartDate: attribute("Process Start Date", Tag.ProcessStartDate, dateTime),
  protectStopDate: attribute("Protect Stop Date", Tag.ProtectStopDate, dateTime),
  deactivationDate: attribute("Deactivation Date", Tag.DeactivationDate, dateTime),
  destroyDate: attribute("Destroy Date", Tag.DestroyDate, dateTime),
  compromiseOccurrenceDate: attribute("Compromise Occurrence Date", Tag.CompromiseOccurrenceDate, dateTime),
  compromiseDate: attribute("Compromise Date", Tag.CompromiseDate, dateTime),
  revocationReason: attribute("Revocation Reason", Tag.RevocationReason, revocationReasonStructure),
  archiveDate: attribute("Archive Date", Tag.ArchiveDate, dateTime),
  objectGroup: attribute("Object Group", Tag.ObjectGroup, textString),
  fresh: attribute("Fresh", Tag.Fresh, boolean, { since: V1_1 }),
  link: attribute("Link", Tag.Link, linkStructure),
  applicationSpecificInformation: attribute(
    "Application Specific Information",
    Tag.ApplicationSpecificInformation,
    applicationSpecificInformationStructure,
  ),
  contactInformation: attribute("Contact Information", Tag.ContactInformation, textString),
  lastChangeDate: attribute("Last Change Date", Tag.LastChangeDate, dateTime),
  keyValuePresent: attribute("Key Value Present", Tag.KeyValuePresent, boolean, { since: V1_2 }),
  keyValueLocation: attribute("Key Value Location", Tag.KeyValueLocation, keyValueLocationStructure, { since: V1_2 }),
  originalCreationDate: attribute("Original Creation Date", Tag.OriginalCreationDate, dateTime, { since: V1_2 }),
  randomNumberGenerator: attribute("Random Number Generator", Tag.RandomNumberGenerator, rngParametersStructure, {
    since: V1_3,
  }),
  pkcs12FriendlyName: attribute("PKCS#12 Friendly Name", Tag.PKCS_12FriendlyName, textString, { since: V1_4 }),
  description: attribute("Description", Tag.Description, textString, { since: V1_4 }),
  comment: attribute("Comment", Tag.Comment, textString, { since: V1_4 }),
  sensitive: attribute("Sensitive", Tag.Sensitive, boolean, { since: V1_4 }),
  alwaysSensitive: attribute("Always Sensitive", Tag.AlwaysSensitive, boolean, { since: V1_4 }),
  extractable: attribute("Extractable", Tag.Extractable, boolean, { since: V1_4 }),
  neverExtractable: attribute("Never Extractable", Tag.NeverExtractable, boolean, { since: V1_4 }),
  keyFormatType: enumerated("Key Format Type", Tag.KeyFormatType, { since: V2_0 }),
  nistKeyType: enumerated("NIST Key Type", Tag.NISTKeyType, { since: V2_0 }),
  opaqueDataType: enumerated("Opaque Data Type", Tag.OpaqueDataType, { since: V2_0 }),
  protectionLevel: enumerated("Protection Level", Tag.ProtectionLevel, { since: V2_0 }),
  protectionPeriod: attribute("Protection Period", Tag.ProtectionPeriod, interval, { since: V2_0 }),
  protectionStorageMask: attribute("Protection Storage Mask", Tag.ProtectionStorageMask, integer, { since: V2_0 }),
  quantumSafe: attribute("Quantum Safe", Tag.QuantumSafe, boolean, { since: V2_0 }),
  rotateAutomatic: attribute("Rotate Automatic", Tag.RotateAutomatic, boolean, { since: V2_1 }),
  rotateDate: attribute("Rotate Date", Tag.RotateDate, dateTime, { since: V2_1 }),
  rotateGeneration: attribute("Rotate Generation", Tag.RotateGeneration, integer, { since: V2_1 }),
  rotateInterval: attribute("Rotate Interval", Tag.RotateInterval, interval, { since: V2_1 }),
  rotateLatest: attribute("Rotate Latest", Tag.RotateLatest, boolean, { since: V2_1 }),
  rotateName: attribute("Rotate Name", Tag.RotateName, rotateNameStructure, { since: V2_1 }),
  rotateOffset: attribute("Rotate Offset", Tag.RotateOffset, interval, { since: V2_1 }),
} as const;

/** The key of a row: `attributes[key]`. */
export type AttributeKey = keyof typeof attributes;

/** The value type of an attribute. */
export type AttributeValueOf<D> = D extends AttributeDefinition<infer T> ? T : never;

/** All rows, in the order of the table. */
export const attributeDefinitions: readonly AttributeDefinition[] = Object.values(attributes);

const byName = new Map(attributeDefinitions.map((definition) => [definition.name, definition]));
const byTag = new Map(attributeDefinitions.map((definition) => [definition.tag, definition]));

/** The row of an attribute by its name in the specification, or undefined for vendor and unknown attributes. */
export function attributeByName(name: string): AttributeDefinition | undefined {
  return byName.get(name);
}

/** The row of an attribute by the tag that carries it since 2.0. */
export function attributeByTag(tag: number): AttributeDefinition | undefined {
  return byTag.get(tag);
}
