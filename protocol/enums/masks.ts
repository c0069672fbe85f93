import { V1_0, V1_4, V2_0 } from "../versions.js";
import { maskTable, type ValueOf } from "./table.js";

/** Cryptographic Usage Mask bits (KMIP 2.1 §12.1). */
export const CryptographicUsageMaskTable = maskTable(
  "CryptographicUsageMask",
  {
    Sign: [0x01, V1_0],
    Verify: [0x02, V1_0],
    Encrypt: [0x04, V1_0],
    Decrypt: [0x08, V1_0],
    WrapKey: [0x10, V1_0],
    UnwrapKey: [0x20, V1_0],
    Export: [0x40, V1_0, V1_4],
    MACGenerate: [0x80, V1_0],
    MACVerify: [0x100, V1_0],
    DeriveKey: [0x200, V1_0],
    ContentCommitment: [0x400, V1_0, V1_4],
    KeyAgreement: [0x800, V1_0],
    CertificateSign: [0x1000, V1_0],
    CRLSign: [0x2000, V1_0],
    GenerateCryptogram: [0x4000, V1_0, V1_4],
    ValidateCryptogram: [0x8000, V1_0, V1_4],
    TranslateEncrypt: [0x10000, V1_0, V1_4],
    TranslateDecrypt: [0x20000, V1_0, V1_4],
    TranslateWrap: [0x40000, V1_0, V1_4],
    TranslateUnwrap: [0x80000, V1_0, V1_4],
    Authenticate: [0x100000, V2_0],
    Unrestricted: [0x200000, V2_0],
    FPEEncrypt: [0x400000, V2_0],
    FPEDecrypt: [0x800000, V2_0],
  },
  {
    ContentCommitmentNonRepudiation: "ContentCommitment",
  },
);
export const CryptographicUsageMask = CryptographicUsageMaskTable.values;
export type CryptographicUsageMask = ValueOf<typeof CryptographicUsageMask>;

/** Storage Status Mask bits (KMIP 2.1 §12.3). */
export const StorageStatusMaskTable = maskTable("StorageStatusMask", {
  OnLineStorage: [0x01, V1_0],
  ArchivalStorage: [0x02, V1_0],
  DestroyedStorage: [0x04, V2_0],
});
export const StorageStatusMask = StorageStatusMaskTable.values;
export type StorageStatusMask = ValueOf<typeof StorageStatusMask>;

/** Protection Storage Mask bits (KMIP 2.1 §12.2). */
export const ProtectionStorageMaskTable = maskTable("ProtectionStorageMask", {
  Software: [0x01, V2_0],
  Hardware: [0x02, V2_0],
  OnProcessor: [0x04, V2_0],
  OnSystem: [0x08, V2_0],
  OffSystem: [0x10, V2_0],
  Hypervisor: [0x20, V2_0],
  OperatingSystem: [0x40, V2_0],
  Container: [0x80, V2_0],
  OnPremises: [0x100, V2_0],
  OffPremises: [0x200, V2_0],
  SelfManaged: [0x400, V2_0],
  Outsourced: [0x800, V2_0],
  Validated: [0x1000, V2_0],
  SameJurisdiction: [0x2000, V2_0],
});
export const ProtectionStorageMask = ProtectionStorageMaskTable.values;
export type ProtectionStorageMask = ValueOf<typeof ProtectionStorageMask>;
