import type { CipherSpecification, HashName } from "#src/crypto/port.js";

const hex = (digits: string) => Buffer.from(digits, "hex");

/** A known answer of a cipher. All but the specification in hexadecimal digits. */
export interface CipherVector {
  readonly source: string;
  readonly keyType: "aes" | "des3";
  readonly specification: CipherSpecification;
  readonly key: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly tag?: string;
}

const KEY_38A = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
const BLOCK_38A = "6bc1bee22e409f96e93d7e117393172a";
const KEY_GCM = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

export const CIPHER_VECTORS: readonly CipherVector[] = [
  {
    source: "FIPS 197 appendix C.1, AES-128 ECB",
    keyType: "aes",
    specification: { name: "ecb", padding: false },
    key: "000102030405060708090a0b0c0d0e0f",
    plaintext: "00112233445566778899aabbccddeeff",
    ciphertext: "69c4e0d86a7b0430d8cdb78070b4c55a",
  },
  {
    source: "FIPS 197 appendix C.2, AES-192 ECB",
    keyType: "aes",
    specification: { name: "ecb", padding: false },
    key: "000102030405060708090a0b0c0d0e0f1011121314151617",
    plaintext: "00112233445566778899aabbccddeeff",
    ciphertext: "dda97ca4864cdfe06eaf70a0ec0d7191",
  },
  {
    source: "SP 800-38A F.2.5, AES-256 CBC",
    keyType: "aes",
    specification: { name: "cbc", iv: hex("000102030405060708090a0b0c0d0e0f"), padding: false },
    key: KEY_38A,
    plaintext: BLOCK_38A,
    ciphertext: "f58c4c04d6e5f1ba779eabfb5f7bfbd6",
  },
  {
    source: "SP 800-38A F.5.5, AES-256 CTR",
    keyType: "aes",
    specification: { name: "ctr", iv: hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), counterBits: 128 },
    key: KEY_38A,
    plaintext: BLOCK_38A,
    ciphertext: "601ec313775789a5b7a7f504bbf3d228",
  },
  {
    source: "GCM specification test case 16, AES-256 GCM with additional data",
    keyType: "aes",
    specification: {
      name: "gcm",
      iv: hex("cafebabefacedbaddecaf888"),
      additionalData: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
      tagLength: 16,
    },
    key: KEY_GCM,
    plaintext:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    ciphertext:
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
    tag: "76fc6ece0f4e1768cddf8853bb2d551b",
  },
  {
    source: "GCM specification test case 13, AES-256 GCM of nothing",
    keyType: "aes",
    specification: { name: "gcm", iv: Buffer.alloc(12), additionalData: Buffer.alloc(0), tagLength: 16 },
    key: "00".repeat(32),
    plaintext: "",
    ciphertext: "",
    tag: "530f8afbc74536b9a963b4f1c4cb738b",
  },
  {
    source: "SP 800-20 table A.1 (variable plaintext), triple DES ECB",
    keyType: "des3",
    specification: { name: "ecb", padding: false },
    key: "01".repeat(24),
    plaintext: "8000000000000000",
    ciphertext: "95f8a5e5dd31d900",
  },
];

/** A known answer of HMAC. `key` and `data` in hexadecimal digits. */
export interface HmacVector {
  readonly source: string;
  readonly key: string;
  readonly data: string;
  readonly macs: readonly (readonly [HashName, string])[];
}

export const HMAC_VECTORS: readonly HmacVector[] = [
  {
    source: "RFC 4231 test case 1 (key of 20 bytes)",
    key: "0b".repeat(20),
    data: "4869205468657265",
    macs: [
      ["sha224", "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22"],
      ["sha256", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
    ],
  },
  {
    source: "RFC 4231 test case 2 (key shorter than the output)",
    key: "4a656665",
    data: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    macs: [["sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"]],
  },
  {
    source: "RFC 4231 test case 4 (key of 25 bytes)",
    key: "0102030405060708090a0b0c0d0e0f10111213141516171819",
    data: "cd".repeat(50),
    macs: [["sha256", "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"]],
  },
  {
    source: "RFC 4231 test case 6 (key longer than a block)",
    key: "aa".repeat(131),
    data: Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First").toString("hex"),
    macs: [["sha256", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"]],
  },
];

/** Known answers of CMAC with AES-128 (SP 800-38B appendix D.1): data, then code. */
export const CMAC_KEY = "2b7e151628aed2a6abf7158809cf4f3c";
export const CMAC_VECTORS: readonly (readonly [string, string])[] = [
  ["", "bb1d6929e95937287fa37d129b756746"],
  [BLOCK_38A, "070a16b46b4d4144f79bdd9dd04a287c"],
];

/** Known answers of AES key wrapping: key-encryption key, key, wrapped key. */
export interface WrapVector {
  readonly source: string;
  readonly name: "aes-kw" | "aes-kwp";
  readonly wrappingKey: string;
  readonly key: string;
  readonly wrapped: string;
}

export const WRAP_VECTORS: readonly WrapVector[] = [
  {
    source: "RFC 3394 §4.1",
    name: "aes-kw",
    wrappingKey: "000102030405060708090a0b0c0d0e0f",
    key: "00112233445566778899aabbccddeeff",
    wrapped: "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
  },
  {
    source: "RFC 3394 §4.6",
    name: "aes-kw",
    wrappingKey: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    key: "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
    wrapped: "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
  },
  {
    source: "RFC 5649 §6, 20 bytes",
    name: "aes-kwp",
    wrappingKey: "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
    key: "c37b7e6492584340bed12207808941155068f738",
    wrapped: "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
  },
];
