import { V1_0, V1_1, V1_2, V1_3, V1_4, V2_0 } from "../versions.js";
import { enumerationTable, type ValueOf } from "./table.js";

/** Cryptographic Algorithm (KMIP 2.1 §11.12). */
export const CryptographicAlgorithmTable = enumerationTable("CryptographicAlgorithm", {
  DES: [0x01, V1_0],
  DES3: [0x02, V1_0],
  AES: [0x03, V1_0],
  RSA: [0x04, V1_0],
  DSA: [0x05, V1_0],
  ECDSA: [0x06, V1_0],
  HMAC_SHA1: [0x07, V1_0],
  HMAC_SHA224: [0x08, V1_0],
  HMAC_SHA256: [0x09, V1_0],
  HMAC_SHA384: [0x0a, V1_0],
  HMAC_SHA512: [0x0b, V1_0],
  HMAC_MD5: [0x0c, V1_0],
  DH: [0x0d, V1_0],
  ECDH: [0x0e, V1_0],
  ECMQV: [0x0f, V1_0],
  Blowfish: [0x10, V1_0],
  Camellia: [0x11, V1_0],
  CAST5: [0x12, V1_0],
  IDEA: [0x13, V1_0],
  MARS: [0x14, V1_0],
  RC2: [0x15, V1_0],
  RC4: [0x16, V1_0],
  RC5: [0x17, V1_0],
  SKIPJACK: [0x18, V1_0],
  Twofish: [0x19, V1_0],
  EC: [0x1a, V1_2],
  OneTimePad: [0x1b, V1_3],
  ChaCha20: [0x1c, V1_4],
  Poly1305: [0x1d, V1_4],
  ChaCha20Poly1305: [0x1e, V1_4],
  SHA3_224: [0x1f, V1_4],
  SHA3_256: [0x20, V1_4],
  SHA3_384: [0x21, V1_4],
  SHA3_512: [0x22, V1_4],
  HMAC_SHA3_224: [0x23, V1_4],
  HMAC_SHA3_256: [0x24, V1_4],
  HMAC_SHA3_384: [0x25, V1_4],
  HMAC_SHA3_512: [0x26, V1_4],
  SHAKE_128: [0x27, V1_4],
  SHAKE_256: [0x28, V1_4],
  ARIA: [0x29, V2_0],
  SEED: [0x2a, V2_0],
  SM2: [0x2b, V2_0],
  SM3: [0x2c, V2_0],
  SM4: [0x2d, V2_0],
  GOSTR34_10_2012: [0x2e, V2_0],
  GOSTR34_11_2012: [0x2f, V2_0],
  GOSTR34_13_2015: [0x30, V2_0],
  GOST28147_89: [0x31, V2_0],
  XMSS: [0x32, V2_0],
  SPHINCS_256: [0x33, V2_0],
  McEliece: [0x34, V2_0],
  McEliece_6960119: [0x35, V2_0],
  McEliece_8192128: [0x36, V2_0],
  Ed25519: [0x37, V2_0],
  Ed448: [0x38, V2_0],
});
export const CryptographicAlgorithm = CryptographicAlgorithmTable.values;
export type CryptographicAlgorithm = ValueOf<typeof CryptographicAlgorithm>;

/** Block Cipher Mode (KMIP 2.1 §11.6). */
export const BlockCipherModeTable = enumerationTable("BlockCipherMode", {
  CBC: [0x01, V1_0],
  ECB: [0x02, V1_0],
  PCBC: [0x03, V1_0],
  CFB: [0x04, V1_0],
  OFB: [0x05, V1_0],
  CTR: [0x06, V1_0],
  CMAC: [0x07, V1_0],
  CCM: [0x08, V1_0],
  GCM: [0x09, V1_0],
  CBC_MAC: [0x0a, V1_0],
  XTS: [0x0b, V1_0],
  AESKeyWrapPadding: [0x0c, V1_0],
  NISTKeyWrap: [0x0d, V1_0],
  X9_102AESKW: [0x0e, V1_0],
  X9_102TDKW: [0x0f, V1_0],
  X9_102AKW1: [0x10, V1_0],
  X9_102AKW2: [0x11, V1_0],
  AEAD: [0x12, V1_4],
});
export const BlockCipherMode = BlockCipherModeTable.values;
export type BlockCipherMode = ValueOf<typeof BlockCipherMode>;

/** Padding Method (KMIP 2.1 §11.37). */
export const PaddingMethodTable = enumerationTable("PaddingMethod", {
  None: [0x01, V1_0],
  OAEP: [0x02, V1_0],
  PKCS5: [0x03, V1_0],
  SSL3: [0x04, V1_0],
  Zeros: [0x05, V1_0],
  ANSIX9_23: [0x06, V1_0],
  ISO10126: [0x07, V1_0],
  PKCS1V1_5: [0x08, V1_0],
  X9_31: [0x09, V1_0],
  PSS: [0x0a, V1_0],
});
export const PaddingMethod = PaddingMethodTable.values;
export type PaddingMethod = ValueOf<typeof PaddingMethod>;

/** Hashing Algorithm (KMIP 2.1 §11.21). */
export const HashingAlgorithmTable = enumerationTable(
  "HashingAlgorithm",
  {
    MD2: [0x01, V1_0],
    MD4: [0x02, V1_0],
    MD5: [0x03, V1_0],
    SHA_1: [0x04, V1_0],
    SHA_224: [0x05, V1_0],
    SHA_256: [0x06, V1_0],
    SHA_384: [0x07, V1_0],
    SHA_512: [0x08, V1_0],
    RIPEMD_160: [0x09, V1_0],
    Tiger: [0x0a, V1_0],
    Whirlpool: [0x0b, V1_0],
    SHA_512_224: [0x0c, V1_2],
    SHA_512_256: [0x0d, V1_2],
    SHA3_224: [0x0e, V1_4],
    SHA3_256: [0x0f, V1_4],
    SHA3_384: [0x10, V1_4],
    SHA3_512: [0x11, V1_4],
  },
  {
    SHA_3_224: "SHA3_224",
    SHA_3_256: "SHA3_256",
    SHA_3_384: "SHA3_384",
    SHA_3_512: "SHA3_512",
  },
);
export const HashingAlgorithm = HashingAlgorithmTable.values;
export type HashingAlgorithm = ValueOf<typeof HashingAlgorithm>;

/** Mask Generator (KMIP 2.1 §11.30). */
export const MaskGeneratorTable = enumerationTable(
  "MaskGenerator",
  {
    MGF1: [0x01, V1_4],
  },
  {
    MFG1: "MGF1",
  },
);
export const MaskGenerator = MaskGeneratorTable.values;
export type MaskGenerator = ValueOf<typeof MaskGenerator>;

/** Digital Signature Algorithm (KMIP 2.1 §11.16). */
export const DigitalSignatureAlgorithmTable = enumerationTable(
  "DigitalSignatureAlgorithm",
  {
    MD2WithRSAEncryption: [0x01, V1_1],
    MD5WithRSAEncryption: [0x02, V1_1],
    SHA_1WithRSAEncryption: [0x03, V1_1],
    SHA_224WithRSAEncryption: [0x04, V1_1],
    SHA_256WithRSAEncryption: [0x05, V1_1],
    SHA_384WithRSAEncryption: [0x06, V1_1],
    SHA_512WithRSAEncryption: [0x07, V1_1],
    RSASSA_PSS: [0x08, V1_1],
    DSAWithSHA_1: [0x09, V1_1],
    DSAWithSHA224: [0x0a, V1_1],
    DSAWithSHA256: [0x0b, V1_1],
    ECDSAWithSHA_1: [0x0c, V1_1],
    ECDSAWithSHA224: [0x0d, V1_1],
    ECDSAWithSHA256: [0x0e, V1_1],
    ECDSAWithSHA384: [0x0f, V1_1],
    ECDSAWithSHA512: [0x10, V1_1],
    SHA3_256WithRSAEncryption: [0x11, V1_4],
    SHA3_384WithRSAEncryption: [0x12, V1_4],
    SHA3_512WithRSAEncryption: [0x13, V1_4],
  },
  {
    MD2WithRSAEncryptionPKCS_1V1_5: "MD2WithRSAEncryption",
    MD5WithRSAEncryptionPKCS_1V1_5: "MD5WithRSAEncryption",
    SHA_1WithRSAEncryptionPKCS_1V1_5: "SHA_1WithRSAEncryption",
    SHA_224WithRSAEncryptionPKCS_1V1_5: "SHA_224WithRSAEncryption",
    SHA_256WithRSAEncryptionPKCS_1V1_5: "SHA_256WithRSAEncryption",
    SHA_384WithRSAEncryptionPKCS_1V1_5: "SHA_384WithRSAEncryption",
    SHA_512WithRSAEncryptionPKCS_1V1_5: "SHA_512WithRSAEncryption",
    RSASSA_PSSPKCS_1V2_1: "RSASSA_PSS",
  },
);
export const DigitalSignatureAlgorithm = DigitalSignatureAlgorithmTable.values;
export type DigitalSignatureAlgorithm = ValueOf<typeof DigitalSignatureAlgorithm>;

/** Derivation Method (KMIP 2.1 §11.14). */
export const DerivationMethodTable = enumerationTable("DerivationMethod", {
  PBKDF2: [0x01, V1_0],
  HASH: [0x02, V1_0],
  HMAC: [0x03, V1_0],
  ENCRYPT: [0x04, V1_0],
  NIST800_108_C: [0x05, V1_0],
  NIST800_108_F: [0x06, V1_0],
  NIST800_108_DPI: [0x07, V1_0],
  AsymmetricKey: [0x08, V1_4],
  AWSSignatureVersion4: [0x09, V2_0],
  HKDF: [0x0a, V2_0],
});
export const DerivationMethod = DerivationMethodTable.values;
export type DerivationMethod = ValueOf<typeof DerivationMethod>;

/** Key Role Type (KMIP 2.1 §11.26). */
export const KeyRoleTypeTable = enumerationTable("KeyRoleType", {
  BDK: [0x01, V1_0],
  CVK: [0x02, V1_0],
  DEK: [0x03, V1_0],
  MKAC: [0x04, V1_0],
  MKSMC: [0x05, V1_0],
  MKSMI: [0x06, V1_0],
  MKDAC: [0x07, V1_0],
  MKDN: [0x08, V1_0],
  MKCP: [0x09, V1_0],
  MKOTH: [0x0a, V1_0],
  KEK: [0x0b, V1_0],
  MAC16609: [0x0c, V1_0],
  MAC97971: [0x0d, V1_0],
  MAC97972: [0x0e, V1_0],
  MAC97973: [0x0f, V1_0],
  MAC97974: [0x10, V1_0],
  MAC97975: [0x11, V1_0],
  ZPK: [0x12, V1_0],
  PVKIBM: [0x13, V1_0],
  PVKPVV: [0x14, V1_0],
  PVKOTH: [0x15, V1_0],
  DUKPT: [0x16, V1_4],
  IV: [0x17, V1_4],
  TRKBK: [0x18, V1_4],
});
export const KeyRoleType = KeyRoleTypeTable.values;
export type KeyRoleType = ValueOf<typeof KeyRoleType>;

/** Wrapping Method (KMIP 2.1 §11.62). */
export const WrappingMethodTable = enumerationTable("WrappingMethod", {
  Encrypt: [0x01, V1_0],
  MACSign: [0x02, V1_0],
  EncryptThenMACSign: [0x03, V1_0],
  MACSignThenEncrypt: [0x04, V1_0],
  TR_31: [0x05, V1_0],
});
export const WrappingMethod = WrappingMethodTable.values;
export type WrappingMethod = ValueOf<typeof WrappingMethod>;

/** Encoding Option (KMIP 2.1 §11.18). */
export const EncodingOptionTable = enumerationTable("EncodingOption", {
  NoEncoding: [0x01, V1_1],
  TTLVEncoding: [0x02, V1_1],
});
export const EncodingOption = EncodingOptionTable.values;
export type EncodingOption = ValueOf<typeof EncodingOption>;
