import { V1_3 } from "../versions.js";
import { enumerationTable, type ValueOf } from "./table.js";

/** Client Registration Method (KMIP 2.1 §11.10). */
export const ClientRegistrationMethodTable = enumerationTable("ClientRegistrationMethod", {
  Unspecified: [0x01, V1_3],
  ServerPreGenerated: [0x02, V1_3],
  ServerOnDemand: [0x03, V1_3],
  ClientGenerated: [0x04, V1_3],
  ClientRegistered: [0x05, V1_3],
});
export const ClientRegistrationMethod = ClientRegistrationMethodTable.values;
export type ClientRegistrationMethod = ValueOf<typeof ClientRegistrationMethod>;

/** Destroy Action (KMIP 2.1 §11.15). */
export const DestroyActionTable = enumerationTable("DestroyAction", {
  Unspecified: [0x01, V1_3],
  KeyMaterialDeleted: [0x02, V1_3],
  KeyMaterialShredded: [0x03, V1_3],
  MetaDataDeleted: [0x04, V1_3],
  MetaDataShredded: [0x05, V1_3],
  Deleted: [0x06, V1_3],
  Shredded: [0x07, V1_3],
});
export const DestroyAction = DestroyActionTable.values;
export type DestroyAction = ValueOf<typeof DestroyAction>;

/** Shredding Algorithm (KMIP 2.1 §11.53). */
export const ShreddingAlgorithmTable = enumerationTable("ShreddingAlgorithm", {
  Unspecified: [0x01, V1_3],
  Cryptographic: [0x02, V1_3],
  Unsupported: [0x03, V1_3],
});
export const ShreddingAlgorithm = ShreddingAlgorithmTable.values;
export type ShreddingAlgorithm = ValueOf<typeof ShreddingAlgorithm>;

/** Unwrap Mode (KMIP 2.1 §11.59). */
export const UnwrapModeTable = enumerationTable("UnwrapMode", {
  Unspecified: [0x01, V1_3],
  Processed: [0x02, V1_3],
  NotProcessed: [0x03, V1_3],
});
export const UnwrapMode = UnwrapModeTable.values;
export type UnwrapMode = ValueOf<typeof UnwrapMode>;

/** Validation Authority Type (KMIP 2.1 §11.63). */
export const ValidationAuthorityTypeTable = enumerationTable("ValidationAuthorityType", {
  Unspecified: [0x01, V1_3],
  NISTCMVP: [0x02, V1_3],
  CommonCriteria: [0x03, V1_3],
});
export const ValidationAuthorityType = ValidationAuthorityTypeTable.values;
export type ValidationAuthorityType = ValueOf<typeof ValidationAuthorityType>;

/** Validation Type (KMIP 2.1 §11.64). */
export const ValidationTypeTable = enumerationTable("ValidationType", {
  Unspecified: [0x01, V1_3],
  Hardware: [0x02, V1_3],
  Software: [0x03, V1_3],
  Firmware: [0x04, V1_3],
  Hybrid: [0x05, V1_3],
});
export const ValidationType = ValidationTypeTable.values;
export type ValidationType = ValueOf<typeof ValidationType>;
