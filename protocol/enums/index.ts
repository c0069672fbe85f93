import { Tag, tagFacts, tagNamed } from "../tags.js";
import { ItemType } from "../ttlv/item.js";
import { V2_0 } from "../versions.js";
import {
  BlockCipherModeTable,
  CryptographicAlgorithmTable,
  DerivationMethodTable,
  DigitalSignatureAlgorithmTable,
  EncodingOptionTable,
  HashingAlgorithmTable,
  KeyRoleTypeTable,
  MaskGeneratorTable,
  PaddingMethodTable,
  WrappingMethodTable,
} from "./cryptography.js";
import { RecommendedCurveTable } from "./curves.js";
import {
  CertificateRequestTypeTable,
  CertificateTypeTable,
  KeyCompressionTypeTable,
  KeyFormatTypeTable,
  KeyValueLocationTypeTable,
  KeyWrapTypeTable,
  NISTKeyTypeTable,
  OpaqueDataTypeTable,
  SecretDataTypeTable,
  SplitKeyMethodTable,
} from "./keys.js";
import { CryptographicUsageMaskTable, ProtectionStorageMaskTable, StorageStatusMaskTable } from "./masks.js";
import {
  AdjustmentTypeTable,
  AsynchronousIndicatorTable,
  AttestationTypeTable,
  BatchErrorContinuationOptionTable,
  CancellationResultTable,
  CredentialTypeTable,
  EndpointRoleTable,
  InteropFunctionTable,
  OperationTable,
  ProcessingStageTable,
  PutFunctionTable,
  QueryFunctionTable,
  ResultStatusTable,
  TicketTypeTable,
  ValidityIndicatorTable,
} from "./messages.js";
import {
  AlternativeNameTypeTable,
  DataTable,
  LinkTypeTable,
  NameTypeTable,
  ObjectClassTable,
  ObjectGroupMemberTable,
  ObjectTypeTable,
  ProtectionLevelTable,
  RevocationReasonCodeTable,
  RotateNameTypeTable,
  StateTable,
  UniqueIdentifierTable,
  UsageLimitsUnitTable,
} from "./objects.js";
import { PKCS_11FunctionTable, PKCS_11ReturnCodeTable } from "./pkcs11.js";
import { ProfileNameTable } from "./profiles.js";
import { DRBGAlgorithmTable, FIPS186VariationTable, RNGAlgorithmTable, RNGModeTable } from "./random.js";
import { ResultReasonTable } from "./result-reasons.js";
import {
  ClientRegistrationMethodTable,
  DestroyActionTable,
  ShreddingAlgorithmTable,
  UnwrapModeTable,
  ValidationAuthorityTypeTable,
  ValidationTypeTable,
} from "./server.js";
import { type EnumerationTable, enumerationTable } from "./table.js";

export * from "./cryptography.js";
export * from "./curves.js";
export * from "./keys.js";
export * from "./masks.js";
export * from "./messages.js";
export * from "./objects.js";
export * from "./pkcs11.js";
export * from "./profiles.js";
export * from "./random.js";
export * from "./result-reasons.js";
export * from "./server.js";
export * from "./table.js";

/** Item Type (KMIP 2.1 §11.23), the value of Extension Type as an enumeration. */
export const ItemTypeTable: EnumerationTable = enumerationTable(
  "ItemType",
  Object.fromEntries(Object.entries(ItemType).map(([name, value]) => [name, [value, V2_0] as const])),
);

/** The tags as an enumeration (KMIP 2.1 §11.56), the value of Attribute Reference. */
export const TagTable: EnumerationTable = enumerationTable(
  "Tag",
  Object.fromEntries(tagFacts.map(({ name, tag, since, until }) => [name, [tag, since, until] as const])),
);

/** Every enumeration and mask of KMIP 1.0 to 2.1. */
export const enumerationTables: readonly EnumerationTable[] = [
  CryptographicAlgorithmTable,
  BlockCipherModeTable,
  PaddingMethodTable,
  HashingAlgorithmTable,
  MaskGeneratorTable,
  DigitalSignatureAlgorithmTable,
  DerivationMethodTable,
  KeyRoleTypeTable,
  WrappingMethodTable,
  EncodingOptionTable,
  RNGAlgorithmTable,
  RNGModeTable,
  DRBGAlgorithmTable,
  FIPS186VariationTable,
  RecommendedCurveTable,
  KeyFormatTypeTable,
  KeyCompressionTypeTable,
  KeyWrapTypeTable,
  KeyValueLocationTypeTable,
  NISTKeyTypeTable,
  SecretDataTypeTable,
  OpaqueDataTypeTable,
  SplitKeyMethodTable,
  CertificateTypeTable,
  CertificateRequestTypeTable,
  ObjectClassTable,
  ObjectTypeTable,
  StateTable,
  LinkTypeTable,
  NameTypeTable,
  AlternativeNameTypeTable,
  RotateNameTypeTable,
  RevocationReasonCodeTable,
  UsageLimitsUnitTable,
  ObjectGroupMemberTable,
  UniqueIdentifierTable,
  DataTable,
  ProtectionLevelTable,
  OperationTable,
  ResultStatusTable,
  BatchErrorContinuationOptionTable,
  CredentialTypeTable,
  AttestationTypeTable,
  TicketTypeTable,
  AsynchronousIndicatorTable,
  CancellationResultTable,
  ProcessingStageTable,
  PutFunctionTable,
  QueryFunctionTable,
  ValidityIndicatorTable,
  AdjustmentTypeTable,
  InteropFunctionTable,
  EndpointRoleTable,
  ResultReasonTable,
  ClientRegistrationMethodTable,
  DestroyActionTable,
  ShreddingAlgorithmTable,
  UnwrapModeTable,
  ValidationAuthorityTypeTable,
  ValidationTypeTable,
  ProfileNameTable,
  CryptographicUsageMaskTable,
  StorageStatusMaskTable,
  ProtectionStorageMaskTable,
  PKCS_11FunctionTable,
  PKCS_11ReturnCodeTable,
  ItemTypeTable,
  TagTable,
];

/** Tags whose values come from a table of another name. */
const namedOtherwise: readonly (readonly [tag: number, table: EnumerationTable])[] = [
  [Tag.MaskGeneratorHashingAlgorithm, HashingAlgorithmTable],
  [Tag.ExtensionType, ItemTypeTable],
  [Tag.ExtensionParentStructureTag, TagTable],
  [Tag.AttributeReference, TagTable],
  [Tag.LinkedObjectIdentifier, UniqueIdentifierTable],
  [Tag.PrivateKeyUniqueIdentifier, UniqueIdentifierTable],
  [Tag.PublicKeyUniqueIdentifier, UniqueIdentifierTable],
];

const tableOfTag = new Map<number, EnumerationTable>(namedOtherwise);
for (const table of enumerationTables) {
  const tag = tagNamed(table.name);
  if (tag !== undefined) tableOfTag.set(tag, table);
}

/** The enumeration or mask that the values of a tag come from; undefined where the tag carries neither. */
export function enumerationOf(tag: number): EnumerationTable | undefined {
  return tableOfTag.get(tag);
}
