import { enumerationOf } from "../enums/index.js";
import { Tag, tagOfSpecName } from "../tags.js";
import { ItemType } from "../ttlv/item.js";

/** The tags that mostly carry each type, those of enumerations and masks left out unless they mostly carry another. */
const tagsOfTypes: readonly (readonly [Exclude<ItemType, typeof ItemType.Structure>, readonly (keyof typeof Tag)[]])[] =
  [
    [ItemType.LongInteger, ["UsageLimitsCount", "UsageLimitsTotal"]],
    [ItemType.Interval, ["LeaseTime", "Offset", "ProtectionPeriod", "RotateInterval", "RotateOffset"]],
    [
      ItemType.BigInteger,
      [
        ...(["CRTCoefficient", "D", "G", "J", "Modulus", "P", "PrimeExponentP", "PrimeExponentQ"] as const),
        ...(["PrimeFieldSize", "PrivateExponent", "PublicExponent", "Q", "X", "Y"] as const),
      ],
    ],
    [
      ItemType.Boolean,
      [
        ...(["AlwaysSensitive", "AsynchronousCapability", "AttestationCapability"] as const),
        ...([
          "AttestationCapableIndicator",
          "BatchContinueCapability",
          "BatchOrderOption",
          "BatchUndoCapability",
        ] as const),
        ...(["CriticalityIndicator", "Ephemeral", "Extractable", "FinalIndicator", "Fresh", "InitIndicator"] as const),
        ...(["KeyValuePresent", "NeverExtractable", "PredictionResistance", "QuantumSafe"] as const),
        ...(["QuantumSafeCapability", "RandomIV", "ReplaceExisting", "RotateAutomatic", "RotateLatest"] as const),
        ...(["Sensitive", "StreamingCapability"] as const),
      ],
    ],
    [ItemType.DateTimeExtended, ["SubmissionDate"]],
    [
      ItemType.DateTime,
      [
        ...([
          "ActivationDate",
          "ArchiveDate",
          "CompromiseDate",
          "CompromiseOccurrenceDate",
          "DeactivationDate",
        ] as const),
        ...(["DestroyDate", "InitialDate", "LastChangeDate", "OriginalCreationDate", "ProcessStartDate"] as const),
        ...(["ProtectStopDate", "RotateDate", "TimeStamp", "ValidityDate"] as const),
      ],
    ],
    [
      ItemType.ByteString,
      [
        ...(["AsynchronousCorrelationValue", "AttestationAssertion", "AttestationMeasurement"] as const),
        ...(["AuthenticatedEncryptionAdditionalData", "AuthenticatedEncryptionTag", "CertificateRequest"] as const),
        ...(["CertificateRequestValue", "CertificateSerialNumber", "CertificateValue", "CorrelationValue"] as const),
        ...(["Data", "DerivationData", "DigestValue", "DigestedData", "HashedPassword", "IVCounterNonce"] as const),
        ...([
          "InitializationVector",
          "IssuerAlternativeName",
          "IssuerDistinguishedName",
          "Key",
          "KeyMaterial",
        ] as const),
        ...(["MACData", "MACSignature", "NonceID", "NonceValue", "OpaqueDataValue"] as const),
        ...(["PKCS_11InputParameters", "PKCS_11OutputParameters", "PSource", "QString", "Salt"] as const),
        ...(["ServerHashedPassword", "ShortUniqueIdentifier", "SignatureData", "SubjectAlternativeName"] as const),
        ...(["SubjectDistinguishedName", "TicketValue", "UniqueBatchItemID"] as const),
      ],
    ],
    [
      ItemType.TextString,
      [
        ...(["AlternativeNameValue", "ApplicationData", "ApplicationNamespace", "AttributeName"] as const),
        ...(["ContactInformation", "ClientCorrelationValue", "Description", "DeviceIdentifier"] as const),
        ...(["DeviceSerialNumber", "ExtensionName", "InteropIdentifier", "KeyValueLocationValue"] as const),
        ...(["LinkedObjectIdentifier", "LogMessage", "MachineIdentifier", "MediaIdentifier", "NameValue"] as const),
        ...(["NetworkIdentifier", "ObjectGroup", "OneTimePassword", "OperationPolicyName", "Password"] as const),
        ...(["PrivateKeyUniqueIdentifier", "PublicKeyUniqueIdentifier", "ReplacedUniqueIdentifier"] as const),
        ...(["ResultMessage", "RevocationMessage", "RotateNameValue", "SerialNumber"] as const),
        ...(["ServerCorrelationValue", "UniqueIdentifier", "Username", "VendorIdentification"] as const),
      ],
    ],
    [
      ItemType.Integer,
      [
        ...(["AttributeIndex", "BatchCount", "CertificateLength", "CounterLength", "CryptographicLength"] as const),
        ...(["DataLength", "ExtensionTag", "FixedFieldLength", "IVLength", "InitialCounterValue"] as const),
        ...(["InvocationFieldLength", "IterationCount", "KeyPartIdentifier", "LocatedItems", "MaximumItems"] as const),
        ...(["MaximumResponseSize", "OffsetItems", "ProtocolVersionMajor", "ProtocolVersionMinor"] as const),
        ...(["RequestCount", "RotateGeneration", "SaltLength", "ServerPort", "SplitKeyParts"] as const),
        ...(["SplitKeyThreshold", "TagLength", "TrailerField"] as const),
      ],
    ],
  ];

const typeOfTag: ReadonlyMap<number, ItemType> = new Map(
  tagsOfTypes.flatMap(([type, names]) => names.map((name) => [Tag[name], type] as const)),
);

/**
 * The type that values of a tag mostly have; for an Attribute Value of KMIP 1.x, values of the attribute named beside
 * it. Undefined for structures, extensions and tags whose values have no type of their own.
 */
export function usualType(tag: number, attributeName: string | undefined): ItemType | undefined {
  const ofAttribute = attributeName === undefined ? undefined : tagOfSpecName(attributeName.replace(/\s+/g, " "));
  const meant = tag === Tag.AttributeValue ? ofAttribute : tag;
  if (meant === undefined) return undefined;
  const listed = typeOfTag.get(meant);
  if (listed !== undefined) return listed;
  const kind = enumerationOf(meant)?.kind;
  if (kind === undefined) return undefined;
  return kind === "mask" ? ItemType.Integer : ItemType.Enumeration;
}
