import { createPrivateKey } from "node:crypto";
import t from "tap";
import { CryptographicAlgorithm } from "#protocol/enums/index.js";
import { blockMacs } from "#src/crypto/block-macs.js";
import type { CipherSpecification } from "#src/crypto/port.js";
import { decryptInSoftware, encryptInSoftware } from "#src/crypto/software/ciphers.js";
import type { SoftwareKey } from "#src/crypto/software/key.js";
import { digestInSoftware, hmacInSoftware, signInSoftware } from "#src/crypto/software/signatures.js";

const { AES, DES3, Camellia, ARIA, SM4, ChaCha20, ChaCha20Poly1305 } = CryptographicAlgorithm;

function bytes(hexadecimal: string): Buffer {
  return Buffer.from(hexadecimal.replace(/\s/g, ""), "hex");
}

/** The four blocks of SP 800-38A appendix F, and its keys. */
const blocks = bytes(
  `6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
   30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710`,
);
const aes128 = "2b7e151628aed2a6abf7158809cf4f3c";
const aes256 = "603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4";
const iv = bytes("000102030405060708090a0b0c0d0e0f");
const none = Buffer.alloc(0);

interface Vector {
  readonly source: string;
  readonly algorithm: number;
  readonly key: string;
  readonly specification: CipherSpecification;
  readonly plaintext: Buffer;
  readonly ciphertext: string;
  readonly tag?: string;
}

const sunscreen = Buffer.from(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);

const vectors: readonly Vector[] = [
  {
    source: "SP 800-38A F.3.13, CFB128 with AES-128",
    algorithm: AES,
    key: aes128,
    specification: { name: "cfb", iv },
    plaintext: blocks.subarray(0, 32),
    ciphertext: "3b3fd92eb72dad20333449f8e83cfb4a c8a64537a0b3a93fcde3cdad9f1ce58b",
  },
  {
    source: "SP 800-38A F.4.1, OFB with AES-128",
    algorithm: AES,
    key: aes128,
    specification: { name: "ofb", iv },
    plaintext: blocks.subarray(0, 32),
    ciphertext: "3b3fd92eb72dad20333449f8e83cfb4a 7789508d16918f03f53c52dac54ed825",
  },
  {
    source: "SP 800-38A F.5.1, CTR with AES-128",
    algorithm: AES,
    key: aes128,
    specification: { name: "ctr", iv: bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), counterBits: 128 },
    plaintext: blocks.subarray(0, 32),
    ciphertext: "874d6191b620e3261bef6864990db6ce 9806f66b7970fdff8617187bb9fffdff",
  },
  {
    source: "SP 800-38A F.1.5, ECB with AES-256",
    algorithm: AES,
    key: aes256,
    specification: { name: "ecb", padding: false },
    plaintext: blocks.subarray(0, 16),
    ciphertext: "f3eed1bdb5d2a03c064b5a7e3db181f8",
  },
  {
    source: "SP 800-38C example 1",
    algorithm: AES,
    key: "404142434445464748494a4b4c4d4e4f",
    specification: {
      name: "ccm",
      iv: bytes("10111213141516"),
      additionalData: bytes("0001020304050607"),
      tagLength: 4,
    },
    plaintext: bytes("20212223"),
    ciphertext: "7162015b",
    tag: "4dac255d",
  },
  {
    source: "IEEE 1619 vector 2, XTS-AES-128",
    algorithm: AES,
    key: "11111111111111111111111111111111 22222222222222222222222222222222",
    specification: { name: "xts", iv: bytes("33333333330000000000000000000000") },
    plaintext: Buffer.alloc(32, 0x44),
    ciphertext: "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0",
  },
  {
    source: "RFC 3394 §4.1",
    algorithm: AES,
    key: "000102030405060708090a0b0c0d0e0f",
    specification: { name: "aes-kw" },
    plaintext: bytes("00112233445566778899aabbccddeeff"),
    ciphertext: "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
  },
  {
    source: "RFC 5649 §6",
    algorithm: AES,
    key: "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
    specification: { name: "aes-kwp" },
    plaintext: bytes("466f7250617369"),
    ciphertext: "afbeb0f07dfbf5419200f2ccb50bb24f",
  },
  {
    source: "RFC 8439 §2.4.2",
    algorithm: ChaCha20,
    key: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    specification: { name: "chacha20", iv: bytes("01000000 000000000000004a00000000") },
    plaintext: sunscreen.subarray(0, 16),
    ciphertext: "6e2e359a2568f98041ba0728dd0d6981",
  },
  {
    source: "RFC 8439 §2.8.2",
    algorithm: ChaCha20Poly1305,
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    specification: {
      name: "chacha20-poly1305",
      iv: bytes("070000004041424344454647"),
      additionalData: bytes("50515253c0c1c2c3c4c5c6c7"),
      tagLength: 16,
    },
    plaintext: sunscreen,
    ciphertext: `d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6
      3dbea45e8ca9671282fafb69da92728b 1a71de0a9e060b2905d6a5b67ecd3b36
      92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
      3ff4def08e4b7a9de576d26586cec64b 6116`,
    tag: "1ae10b594f09e26a7e902ecbd0600691",
  },
  {
    source: "RFC 3713 appendix A, Camellia-128",
    algorithm: Camellia,
    key: "0123456789abcdeffedcba9876543210",
    specification: { name: "ecb", padding: false },
    plaintext: bytes("0123456789abcdeffedcba9876543210"),
    ciphertext: "67673138549669730857065648eabe43",
  },
  {
    source: "RFC 5794 appendix A.1, ARIA-128",
    algorithm: ARIA,
    key: "000102030405060708090a0b0c0d0e0f",
    specification: { name: "ecb", padding: false },
    plaintext: bytes("00112233445566778899aabbccddeeff"),
    ciphertext: "d718fbd6ab644c739da95f3be6451778",
  },
  {
    source: "GB/T 32907-2016 A.1, SM4",
    algorithm: SM4,
    key: "0123456789abcdeffedcba9876543210",
    specification: { name: "ecb", padding: false },
    plaintext: bytes("0123456789abcdeffedcba9876543210"),
    ciphertext: "681edf34d206965e86b3e94f536e4246",
  },
  {
    source: "SP 800-67 appendix B.1, three-key TDEA",
    algorithm: DES3,
    key: "0123456789abcdef 23456789abcdef01 456789abcdef0123",
    specification: { name: "ecb", padding: false },
    plaintext: Buffer.from("The qufck brown fox jump"),
    ciphertext: "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900",
  },
];

function keyOf(algorithm: number, value: string): SoftwareKey {
  return { kind: "secret", algorithm, value: bytes(value) };
}

for (const { source, algorithm, key, specification, plaintext, ciphertext, tag } of vectors) {
  t.test(`the published vector is met both ways: ${source}`, async (t) => {
    const softwareKey = keyOf(algorithm, key);
    const made = encryptInSoftware(softwareKey, specification, plaintext);
    t.equal(made.data.toString("hex"), bytes(ciphertext).toString("hex"));
    t.equal(made.tag?.toString("hex"), tag);
    t.same(decryptInSoftware(softwareKey, specification, made), plaintext);
  });
}

t.test("CMAC over a block cipher meets the examples of SP 800-38B for AES-128", async (t) => {
  const key = keyOf(AES, aes128);
  const chain = async (data: Buffer) =>
    encryptInSoftware(key, { name: "cbc", iv: Buffer.alloc(16), padding: false }, data).data;
  const examples = [
    [0, "bb1d6929e95937287fa37d129b756746"],
    [16, "070a16b46b4d4144f79bdd9dd04a287c"],
    [40, "dfa66747de9ae63030ca32611497c827"],
    [64, "51f0bebf7e3b9d92fc49741779363cfe"],
  ] as const;
  for (const [length, mac] of examples) {
    t.equal((await blockMacs.cmac(chain, blocks.subarray(0, length), 16)).toString("hex"), mac, `${length} bytes`);
  }
});

t.test("CBC-MAC over DES meets the example of FIPS 113, with three times the same key", async (t) => {
  const key = keyOf(DES3, "0123456789abcdef 0123456789abcdef 0123456789abcdef");
  const chain = async (data: Buffer) =>
    encryptInSoftware(key, { name: "cbc", iv: Buffer.alloc(8), padding: false }, data).data;
  const mac = await blockMacs["cbc-mac"](chain, Buffer.from("7654321 Now is the time for "), 8);
  t.equal(mac.subarray(0, 4).toString("hex"), "f1d30f68");
});

t.test("Ed25519 meets the second test of RFC 8032 §7.1", async (t) => {
  const pkcs8 = bytes(`302e020100300506032b657004220420
    4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb`);
  const object = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const signature = signInSoftware({ kind: "asymmetric", object }, { name: "eddsa" }, bytes("72"));
  t.equal(
    signature.toString("hex"),
    bytes(`92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
      085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00`).toString("hex"),
  );
});

t.test("SHA-3 and its HMAC meet FIPS 202 and the examples of NIST", async (t) => {
  t.equal(
    digestInSoftware("sha3-256", none).toString("hex"),
    "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
  );
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
  t.equal(
    hmacInSoftware(key, "sha3-256", Buffer.from("Sample message for keylen<blocklen")).toString("hex"),
    "4fe8e202c4f058e8dddc23d8c34e467343e23555e24fc2f025d598f558f67205",
  );
});
