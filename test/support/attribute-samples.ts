import { type AttributeKey, attributes } from "#protocol/attributes/definitions.js";
import { boolean, byteString, dateTime, integer, interval, textString } from "#protocol/schema/codec.js";

const der = Buffer.from("3000", "hex");

/** Values of attributes that are structures. */
const structures: Readonly<Partial<Record<AttributeKey, unknown>>> = {
  name: { nameValue: "sample", nameType: 1 },
  alternativeName: { alternativeNameValue: "sample", alternativeNameType: 1 },
  rotateName: { rotateNameValue: "sample", rotateNameType: 1 },
  cryptographicParameters: { blockCipherMode: 1, paddingMethod: 3 },
  cryptographicDomainParameters: { recommendedCurve: 5 },
  link: { linkType: 0x105, linkedObjectIdentifier: { kind: "identifier", identifier: "another object" } },
  digest: { hashingAlgorithm: 6, digestValue: Buffer.alloc(32), keyFormatType: 1 },
  usageLimits: { usageLimitsTotal: 1000n, usageLimitsCount: 1000n, usageLimitsUnit: 1 },
  revocationReason: { revocationReasonCode: 1 },
  applicationSpecificInformation: { applicationNamespace: "ssl", applicationData: "www.example.com" },
  keyValueLocation: { keyValueLocationValue: "a safe", keyValueLocationType: 1 },
  randomNumberGenerator: { rngAlgorithm: 1 },
  x509CertificateIdentifier: { issuerDistinguishedName: der, certificateSerialNumber: Buffer.from([1]) },
  x509CertificateSubject: { subjectDistinguishedName: der, subjectAlternativeName: [] },
  x509CertificateIssuer: { issuerDistinguishedName: der, issuerAlternativeName: [] },
  certificateIdentifier: { issuer: "CN=an issuer", serialNumber: "1" },
  certificateSubject: { certificateSubjectDistinguishedName: "CN=a", certificateSubjectAlternativeName: [] },
  certificateIssuer: { certificateIssuerDistinguishedName: "CN=a", certificateIssuerAlternativeName: [] },
};

const simple = new Map<unknown, unknown>([
  [textString, "sample"],
  [integer, 4],
  [boolean, true],
  [dateTime, 4_000_000_000],
  [interval, 60],
  [byteString, Buffer.from("sample")],
]);

/** A value that the attribute may have: the first of an enumeration, a date far off, a short text. */
export function sampleOf(key: AttributeKey): unknown {
  if (key === "opaqueDataType") return 0x80000001;
  return structures[key] ?? simple.get(attributes[key].codec) ?? 1;
}
