import { V1_0, V1_2, V1_3, V1_4, V2_0 } from "../versions.js";
import { enumerationTable, type ValueOf } from "./table.js";

/** Key Format Type (KMIP 2.1 §11.25). */
export const KeyFormatTypeTable = enumerationTable("KeyFormatType", {
  Raw: [0x01, V1_0],
  Opaque: [0x02, V1_0],
  PKCS_1: [0x03, V1_0],
  PKCS_8: [0x04, V1_0],
  X_509: [0x05, V1_0],
  ECPrivateKey: [0x06, V1_0],
  TransparentSymmetricKey: [0x07, V1_0],
  TransparentDSAPrivateKey: [0x08, V1_0],
  TransparentDSAPublicKey: [0x09, V1_0],
  TransparentRSAPrivateKey: [0x0a, V1_0],
  TransparentRSAPublicKey: [0x0b, V1_0],
  TransparentDHPrivateKey: [0x0c, V1_0],
  TransparentDHPublicKey: [0x0d, V1_0],
  TransparentECDSAPrivateKey: [0x0e, V1_0, V1_4],
  TransparentECDSAPublicKey: [0x0f, V1_0, V1_4],
  TransparentECDHPrivateKey: [0x10, V1_0, V1_4],
  TransparentECDHPublicKey: [0x11, V1_0, V1_4],
  TransparentECMQVPrivateKey: [0x12, V1_0, V1_4],
  TransparentECMQVPublicKey: [0x13, V1_0, V1_4],
  TransparentECPrivateKey: [0x14, V1_3],
  TransparentECPublicKey: [0x15, V1_3],
  PKCS_12: [0x16, V1_4],
  PKCS_10: [0x17, V2_0],
});
export const KeyFormatType = KeyFormatTypeTable.values;
export type KeyFormatType = ValueOf<typeof KeyFormatType>;

/** Key Compression Type (KMIP 2.1 §11.24). */
export const KeyCompressionTypeTable = enumerationTable("KeyCompressionType", {
  ECPublicKeyTypeUncompressed: [0x01, V1_0],
  ECPublicKeyTypeX9_62CompressedPrime: [0x02, V1_0],
  ECPublicKeyTypeX9_62CompressedChar2: [0x03, V1_0],
  ECPublicKeyTypeX9_62Hybrid: [0x04, V1_0],
});
export const KeyCompressionType = KeyCompressionTypeTable.values;
export type KeyCompressionType = ValueOf<typeof KeyCompressionType>;

/** Key Wrap Type (KMIP 2.1 §11.29). */
export const KeyWrapTypeTable = enumerationTable("KeyWrapType", {
  NotWrapped: [0x01, V1_4],
  AsRegistered: [0x02, V1_4],
});
export const KeyWrapType = KeyWrapTypeTable.values;
export type KeyWrapType = ValueOf<typeof KeyWrapType>;

/** Key Value Location Type (KMIP 2.1 §11.27). */
export const KeyValueLocationTypeTable = enumerationTable("KeyValueLocationType", {
  UninterpretedTextString: [0x01, V1_2],
  URI: [0x02, V1_2],
});
export const KeyValueLocationType = KeyValueLocationTypeTable.values;
export type KeyValueLocationType = ValueOf<typeof KeyValueLocationType>;

/** NIST Key Type (KMIP 2.1 §11.32). */
export const NISTKeyTypeTable = enumerationTable("NISTKeyType", {
  PrivateSignatureKey: [0x01, V2_0],
  PublicSignatureVerificationKey: [0x02, V2_0],
  SymmetricAuthenticationKey: [0x03, V2_0],
  PrivateAuthenticationKey: [0x04, V2_0],
  PublicAuthenticationKey: [0x05, V2_0],
  SymmetricDataEncryptionKey: [0x06, V2_0],
  SymmetricKeyWrappingKey: [0x07, V2_0],
  SymmetricRandomNumberGenerationKey: [0x08, V2_0],
  SymmetricMasterKey: [0x09, V2_0],
  PrivateKeyTransportKey: [0x0a, V2_0],
  PublicKeyTransportKey: [0x0b, V2_0],
  SymmetricKeyAgreementKey: [0x0c, V2_0],
  PrivateStaticKeyAgreementKey: [0x0d, V2_0],
  PublicStaticKeyAgreementKey: [0x0e, V2_0],
  PrivateEphemeralKeyAgreementKey: [0x0f, V2_0],
  PublicEphemeralKeyAgreementKey: [0x10, V2_0],
  SymmetricAuthorizationKey: [0x11, V2_0],
  PrivateAuthorizationKey: [0x12, V2_0],
  PublicAuthorizationKey: [0x13, V2_0],
});
export const NISTKeyType = NISTKeyTypeTable.values;
export type NISTKeyType = ValueOf<typeof NISTKeyType>;

/** Secret Data Type (KMIP 2.1 §11.52). */
export const SecretDataTypeTable = enumerationTable("SecretDataType", {
  Password: [0x01, V1_0],
  Seed: [0x02, V1_0],
});
export const SecretDataType = SecretDataTypeTable.values;
export type SecretDataType = ValueOf<typeof SecretDataType>;

/** Opaque Data Type (KMIP 2.1 §11.35). */
export const OpaqueDataTypeTable = enumerationTable("OpaqueDataType", {});
export const OpaqueDataType = OpaqueDataTypeTable.values;
export type OpaqueDataType = ValueOf<typeof OpaqueDataType>;

/** Split Key Method (KMIP 2.1 §11.54). */
export const SplitKeyMethodTable = enumerationTable("SplitKeyMethod", {
  XOR: [0x01, V1_0],
  PolynomialSharingGF2_16: [0x02, V1_0],
  PolynomialSharingPrimeField: [0x03, V1_0],
  PolynomialSharingGF2_8: [0x04, V1_2],
});
export const SplitKeyMethod = SplitKeyMethodTable.values;
export type SplitKeyMethod = ValueOf<typeof SplitKeyMethod>;

/** Certificate Type (KMIP 2.1 §11.9). */
export const CertificateTypeTable = enumerationTable("CertificateType", {
  X_509: [0x01, V1_0],
  PGP: [0x02, V1_0],
});
export const CertificateType = CertificateTypeTable.values;
export type CertificateType = ValueOf<typeof CertificateType>;

/** Certificate Request Type (KMIP 2.1 §11.8). */
export const CertificateRequestTypeTable = enumerationTable("CertificateRequestType", {
  CRMF: [0x01, V1_0],
  PKCS_10: [0x02, V1_0],
  PEM: [0x03, V1_0],
  PGP: [0x04, V1_0, V1_4],
});
export const CertificateRequestType = CertificateRequestTypeTable.values;
export type CertificateRequestType = ValueOf<typeof CertificateRequestType>;
