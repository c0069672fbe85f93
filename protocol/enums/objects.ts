import { V1_0, V1_1, V1_2, V1_4, V2_0, V2_1, V3_0 } from "../versions.js";
import { enumerationTable, type ValueOf } from "./table.js";

/** Object Type (KMIP 2.1 §11.34). */
export const ObjectTypeTable = enumerationTable("ObjectType", {
  Certificate: [0x01, V1_0],
  SymmetricKey: [0x02, V1_0],
  PublicKey: [0x03, V1_0],
  PrivateKey: [0x04, V1_0],
  SplitKey: [0x05, V1_0],
  Template: [0x06, V1_0, V1_4],
  SecretData: [0x07, V1_0],
  OpaqueObject: [0x08, V1_0],
  PGPKey: [0x09, V1_2],
  CertificateRequest: [0x0a, V2_0],
});
export const ObjectType = ObjectTypeTable.values;
export type ObjectType = ValueOf<typeof ObjectType>;

/** Object Class of 3.0: whom an object is for. */
export const ObjectClassTable = enumerationTable("ObjectClass", {
  User: [0x01, V3_0],
  System: [0x02, V3_0],
});
export const ObjectClass = ObjectClassTable.values;
export type ObjectClass = ValueOf<typeof ObjectClass>;

/** State (KMIP 2.1 §11.55). */
export const StateTable = enumerationTable("State", {
  PreActive: [0x01, V1_0],
  Active: [0x02, V1_0],
  Deactivated: [0x03, V1_0],
  Compromised: [0x04, V1_0],
  Destroyed: [0x05, V1_0],
  DestroyedCompromised: [0x06, V1_0],
});
export const State = StateTable.values;
export type State = ValueOf<typeof State>;

/** Link Type (KMIP 2.1 §11.28). */
export const LinkTypeTable = enumerationTable("LinkType", {
  CertificateLink: [0x101, V1_0],
  PublicKeyLink: [0x102, V1_0],
  PrivateKeyLink: [0x103, V1_0],
  DerivationBaseObjectLink: [0x104, V1_0],
  DerivedKeyLink: [0x105, V1_0],
  ReplacementObjectLink: [0x106, V1_0],
  ReplacedObjectLink: [0x107, V1_0],
  ParentLink: [0x108, V1_2],
  ChildLink: [0x109, V1_2],
  PreviousLink: [0x10a, V1_2],
  NextLink: [0x10b, V1_2],
  PKCS_12CertificateLink: [0x10c, V1_4],
  PKCS_12PasswordLink: [0x10d, V1_4],
  WrappingKeyLink: [0x10e, V2_0],
});
export const LinkType = LinkTypeTable.values;
export type LinkType = ValueOf<typeof LinkType>;

/** Name Type (KMIP 2.1 §11.31). */
export const NameTypeTable = enumerationTable("NameType", {
  UninterpretedTextString: [0x01, V1_0],
  URI: [0x02, V1_0],
});
export const NameType = NameTypeTable.values;
export type NameType = ValueOf<typeof NameType>;

/** Alternative Name Type (KMIP 2.1 §11.2). */
export const AlternativeNameTypeTable = enumerationTable("AlternativeNameType", {
  UninterpretedTextString: [0x01, V1_2],
  URI: [0x02, V1_2],
  ObjectSerialNumber: [0x03, V1_2],
  EmailAddress: [0x04, V1_2],
  DNSName: [0x05, V1_2],
  X_500DistinguishedName: [0x06, V1_2],
  IPAddress: [0x07, V1_2],
});
export const AlternativeNameType = AlternativeNameTypeTable.values;
export type AlternativeNameType = ValueOf<typeof AlternativeNameType>;

/** Rotate Name Type (KMIP 2.1 §11.51). */
export const RotateNameTypeTable = enumerationTable("RotateNameType", {
  UninterpretedTextString: [0x01, V2_1],
  URI: [0x02, V2_1],
});
export const RotateNameType = RotateNameTypeTable.values;
export type RotateNameType = ValueOf<typeof RotateNameType>;

/** Revocation Reason Code (KMIP 2.1 §11.48). */
export const RevocationReasonCodeTable = enumerationTable("RevocationReasonCode", {
  Unspecified: [0x01, V1_0],
  KeyCompromise: [0x02, V1_0],
  CACompromise: [0x03, V1_0],
  AffiliationChanged: [0x04, V1_0],
  Superseded: [0x05, V1_0],
  CessationOfOperation: [0x06, V1_0],
  PrivilegeWithdrawn: [0x07, V1_0],
});
export const RevocationReasonCode = RevocationReasonCodeTable.values;
export type RevocationReasonCode = ValueOf<typeof RevocationReasonCode>;

/** Usage Limits Unit (KMIP 2.1 §11.60). */
export const UsageLimitsUnitTable = enumerationTable("UsageLimitsUnit", {
  Byte: [0x01, V1_0],
  Object: [0x02, V1_0],
});
export const UsageLimitsUnit = UsageLimitsUnitTable.values;
export type UsageLimitsUnit = ValueOf<typeof UsageLimitsUnit>;

/** Object Group Member (KMIP 2.1 §11.33). */
export const ObjectGroupMemberTable = enumerationTable("ObjectGroupMember", {
  GroupMemberFresh: [0x01, V1_1],
  GroupMemberDefault: [0x02, V1_1],
});
export const ObjectGroupMember = ObjectGroupMemberTable.values;
export type ObjectGroupMember = ValueOf<typeof ObjectGroupMember>;

/** Unique Identifier (KMIP 2.1 §11.58). */
export const UniqueIdentifierTable = enumerationTable("UniqueIdentifier", {
  IDPlaceholder: [0x01, V2_0],
  Certify: [0x02, V2_0],
  Create: [0x03, V2_0],
  CreateKeyPair: [0x04, V2_0],
  CreateKeyPairPrivateKey: [0x05, V2_0],
  CreateKeyPairPublicKey: [0x06, V2_0],
  CreateSplitKey: [0x07, V2_0],
  DeriveKey: [0x08, V2_0],
  Import: [0x09, V2_0],
  JoinSplitKey: [0x0a, V2_0],
  Locate: [0x0b, V2_0],
  Register: [0x0c, V2_0],
  ReKey: [0x0d, V2_0],
  ReCertify: [0x0e, V2_0],
  ReKeyKeyPair: [0x0f, V2_0],
  ReKeyKeyPairPrivateKey: [0x10, V2_0],
  ReKeyKeyPairPublicKey: [0x11, V2_0],
});
export const UniqueIdentifier = UniqueIdentifierTable.values;
export type UniqueIdentifier = ValueOf<typeof UniqueIdentifier>;

/** Data (KMIP 2.1 §11.13). */
export const DataTable = enumerationTable("Data", {
  Decrypt: [0x01, V2_0],
  Encrypt: [0x02, V2_0],
  Hash: [0x03, V2_0],
  MACMACData: [0x04, V2_0],
  RNGRetrieve: [0x05, V2_0],
  SignSignatureData: [0x06, V2_0],
  SignatureVerify: [0x07, V2_0],
});
export const Data = DataTable.values;
export type Data = ValueOf<typeof Data>;

/** Protection Level (KMIP 2.1 §11.42). */
export const ProtectionLevelTable = enumerationTable("ProtectionLevel", {
  High: [0x01, V2_0],
  Low: [0x02, V2_0],
});
export const ProtectionLevel = ProtectionLevelTable.values;
export type ProtectionLevel = ValueOf<typeof ProtectionLevel>;
