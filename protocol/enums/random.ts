import { V1_3 } from "../versions.js";
import { enumerationTable, type ValueOf } from "./table.js";

/** RNG Algorithm (KMIP 2.1 §11.49). */
export const RNGAlgorithmTable = enumerationTable("RNGAlgorithm", {
  Unspecified: [0x01, V1_3],
  FIPS186_2: [0x02, V1_3],
  DRBG: [0x03, V1_3],
  NRBG: [0x04, V1_3],
  ANSIX9_31: [0x05, V1_3],
  ANSIX9_62: [0x06, V1_3],
});
export const RNGAlgorithm = RNGAlgorithmTable.values;
export type RNGAlgorithm = ValueOf<typeof RNGAlgorithm>;

/** RNG Mode (KMIP 2.1 §11.50). */
export const RNGModeTable = enumerationTable("RNGMode", {
  Unspecified: [0x01, V1_3],
  SharedInstantiation: [0x02, V1_3],
  NonSharedInstantiation: [0x03, V1_3],
});
export const RNGMode = RNGModeTable.values;
export type RNGMode = ValueOf<typeof RNGMode>;

/** DRBG Algorithm (KMIP 2.1 §11.17). */
export const DRBGAlgorithmTable = enumerationTable("DRBGAlgorithm", {
  Unspecified: [0x01, V1_3],
  Dual_EC: [0x02, V1_3],
  Hash: [0x03, V1_3],
  HMAC: [0x04, V1_3],
  CTR: [0x05, V1_3],
});
export const DRBGAlgorithm = DRBGAlgorithmTable.values;
export type DRBGAlgorithm = ValueOf<typeof DRBGAlgorithm>;

/** FIPS186 Variation (KMIP 2.1 §11.20). */
export const FIPS186VariationTable = enumerationTable("FIPS186Variation", {
  Unspecified: [0x01, V1_3],
  GPXOriginal: [0x02, V1_3],
  GPXChangeNotice: [0x03, V1_3],
  XOriginal: [0x04, V1_3],
  XChangeNotice: [0x05, V1_3],
  KOriginal: [0x06, V1_3],
  KChangeNotice: [0x07, V1_3],
});
export const FIPS186Variation = FIPS186VariationTable.values;
export type FIPS186Variation = ValueOf<typeof FIPS186Variation>;
