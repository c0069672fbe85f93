import t from "tap";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  DigitalSignatureAlgorithm,
  DigitalSignatureAlgorithmTable,
  HashingAlgorithm,
  HashingAlgorithmTable,
  MaskGenerator,
  PaddingMethod,
} from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { type CipherRequest, chooseCipher } from "#src/crypto/mechanisms/ciphers.js";
import { hashOf } from "#src/crypto/mechanisms/hashes.js";
import type { MechanismKey } from "#src/crypto/mechanisms/key.js";
import { chooseSignature, type SignatureInput } from "#src/crypto/mechanisms/signatures.js";
import { KmipError } from "#src/objects/kmip-error.js";

const aes: MechanismKey = { keyType: "aes", algorithm: CryptographicAlgorithm.AES };
const des3: MechanismKey = { keyType: "des3", algorithm: CryptographicAlgorithm.DES3 };
const rsa: MechanismKey = { keyType: "rsa", algorithm: CryptographicAlgorithm.RSA };
const ec: MechanismKey = { keyType: "ec", algorithm: CryptographicAlgorithm.ECDSA, bits: 521 };
const hmac256: MechanismKey = { keyType: "generic", algorithm: CryptographicAlgorithm.HMAC_SHA256 };
const dsa: MechanismKey = { keyType: "dsa", algorithm: CryptographicAlgorithm.DSA, bits: 2048 };
const edwards: MechanismKey = { keyType: "edwards", algorithm: CryptographicAlgorithm.Ed25519, bits: 256 };
const chacha: MechanismKey = { keyType: "generic", algorithm: CryptographicAlgorithm.ChaCha20 };
const chachaPoly: MechanismKey = { keyType: "generic", algorithm: CryptographicAlgorithm.ChaCha20Poly1305 };
const blowfish: MechanismKey = { keyType: "generic", algorithm: CryptographicAlgorithm.Blowfish };

const iv16 = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
const iv12 = iv16.subarray(0, 12);
const iv8 = iv16.subarray(0, 8);
const none = Buffer.alloc(0);

/** Random bytes that tell their length. */
const random = (length: number): Promise<Buffer> => Promise.resolve(Buffer.alloc(length, 0xee));

type Outcome = object | string;

function outcomeOf(run: () => object): Outcome {
  try {
    return run();
  } catch (error) {
    if (error instanceof KmipError) return error.reason;
    throw error;
  }
}

async function cipher(
  key: MechanismKey,
  parameters: CryptographicParameters,
  request: Partial<CipherRequest> = {},
): Promise<Outcome> {
  const whole = { direction: "encrypt", iv: undefined, additionalData: undefined, givenTagLength: undefined } as const;
  try {
    const { specification, madeVector } = await chooseCipher(key, parameters, { ...whole, ...request }, random);
    return madeVector === undefined ? specification : { ...specification, madeVector };
  } catch (error) {
    if (error instanceof KmipError) return error.reason;
    throw error;
  }
}

const { AES, DES3, RSA, EC, ECDSA } = CryptographicAlgorithm;
const { ECB, CBC, CTR, GCM, CCM, XTS, AEAD, NISTKeyWrap, AESKeyWrapPadding } = BlockCipherMode;
const { None, PKCS5, PKCS1V1_5, OAEP, PSS, ANSIX9_23, X9_31 } = PaddingMethod;
const { SHA_1, SHA_256, SHA_384, SHA_512, MD5 } = HashingAlgorithm;

const bad = "BadCryptographicParameters";
const unsupported = "UnsupportedCryptographicParameters";
const missing = "MissingInitializationVector";
const general = "GeneralFailure";

type CipherRow = readonly [MechanismKey, CryptographicParameters, Partial<CipherRequest>, Outcome];

const decrypt = { direction: "decrypt" } as const;
const gcmWith = (tagLength: number, iv = iv12, additionalData = none): Outcome => ({
  name: "gcm",
  iv,
  additionalData,
  tagLength,
});

const cipherRows: readonly CipherRow[] = [
  [aes, { blockCipherMode: ECB }, {}, { name: "ecb", padding: false }],
  [aes, { blockCipherMode: ECB, paddingMethod: None }, {}, { name: "ecb", padding: false }],
  [aes, { blockCipherMode: ECB, paddingMethod: PKCS5 }, decrypt, { name: "ecb", padding: true }],
  [aes, { blockCipherMode: ECB }, { iv: iv16 }, bad],
  [aes, { blockCipherMode: CBC }, { iv: iv16 }, { name: "cbc", iv: iv16, padding: false }],
  [aes, { blockCipherMode: CBC, paddingMethod: PKCS5 }, { iv: iv16 }, { name: "cbc", iv: iv16, padding: true }],
  [aes, { blockCipherMode: CBC, paddingMethod: ANSIX9_23 }, { iv: iv16 }, { name: "cbc", iv: iv16, padding: false }],
  [aes, { blockCipherMode: CBC, paddingMethod: X9_31 }, { iv: iv16 }, unsupported],
  [aes, { blockCipherMode: CBC, randomIV: false }, {}, missing],
  [aes, { blockCipherMode: GCM, fixedFieldLength: 32, invocationFieldLength: 64 }, {}, { name: "gcm" }],
  [aes, { blockCipherMode: GCM, fixedFieldLength: 32, invocationFieldLength: 32 }, { iv: iv12 }, bad],
  [
    aes,
    { blockCipherMode: CTR, fixedFieldLength: 32, invocationFieldLength: 64, counterLength: 32 },
    {},
    { name: "ctr" },
  ],
  [aes, { blockCipherMode: CTR, counterLength: 8, initialCounterValue: 256 }, {}, bad],
  [chacha, {}, { iv: iv8 }, { name: "chacha20", iv: Buffer.concat([Buffer.alloc(8), iv8]) }],
  [
    chacha,
    { initialCounterValue: 1 },
    { iv: iv12 },
    { name: "chacha20", iv: Buffer.concat([Buffer.from("01000000", "hex"), iv12]) },
  ],
  [chacha, {}, { iv: iv16.subarray(0, 9) }, bad],
  [chacha, { initialCounterValue: -1 }, { iv: iv12 }, bad],
  [chacha, { initialCounterValue: -1 }, { iv: iv8 }, { name: "chacha20" }],
  [chacha, { blockCipherMode: CTR }, { iv: iv12 }, unsupported],
  [chachaPoly, { blockCipherMode: AEAD }, { iv: iv12 }, { name: "chacha20-poly1305", iv: iv12, tagLength: 16 }],
  [chachaPoly, { blockCipherMode: AEAD, tagLength: 1 }, { iv: iv12 }, general],
  [chachaPoly, {}, { iv: iv8 }, bad],
  [aes, { blockCipherMode: CBC }, { iv: iv12 }, bad],
  [aes, { blockCipherMode: CBC, ivLength: 96 }, { iv: iv16 }, bad],
  [aes, { blockCipherMode: CBC, cryptographicAlgorithm: AES }, { ...decrypt, iv: iv16 }, { name: "cbc" }],
  [aes, { blockCipherMode: CBC, cryptographicAlgorithm: DES3 }, { iv: iv16 }, bad],
  [aes, { blockCipherMode: CBC }, decrypt, missing],
  [aes, { blockCipherMode: CBC, randomIV: true }, decrypt, missing],
  [
    aes,
    { blockCipherMode: CBC, randomIV: true },
    {},
    { name: "cbc", iv: Buffer.alloc(16, 0xee), madeVector: Buffer.alloc(16, 0xee) },
  ],
  [aes, { blockCipherMode: CBC }, {}, { name: "cbc", madeVector: Buffer.alloc(16, 0xee) }],
  [aes, { blockCipherMode: CBC }, { iv: iv16, additionalData: iv8 }, bad],
  [des3, { blockCipherMode: CBC }, { iv: iv8 }, { name: "cbc", iv: iv8, padding: false }],
  [des3, { blockCipherMode: CBC }, {}, { name: "cbc", madeVector: Buffer.alloc(8, 0xee) }],
  [des3, { blockCipherMode: ECB, paddingMethod: PKCS5 }, {}, { name: "ecb", padding: true }],
  [des3, { blockCipherMode: CBC }, { iv: iv16 }, bad],
  [des3, { blockCipherMode: GCM }, { iv: iv12 }, unsupported],
  [aes, { blockCipherMode: CTR }, { iv: iv16 }, { name: "ctr", iv: iv16, counterBits: 128 }],
  [aes, { blockCipherMode: CTR, counterLength: 32 }, { iv: iv16 }, { name: "ctr", iv: iv16, counterBits: 32 }],
  [aes, { blockCipherMode: CTR, counterLength: 129 }, { iv: iv16 }, bad],
  [
    aes,
    { blockCipherMode: CTR },
    { ...decrypt, iv: iv12 },
    { name: "ctr", iv: Buffer.concat([iv12, Buffer.from("00000001", "hex")]), counterBits: 32 },
  ],
  [
    aes,
    { blockCipherMode: CTR, initialCounterValue: 7 },
    { iv: iv8 },
    { name: "ctr", iv: Buffer.concat([iv8, Buffer.from("0000000000000007", "hex")]), counterBits: 64 },
  ],
  [aes, { blockCipherMode: CTR, counterLength: 16 }, { iv: iv12 }, bad],
  [aes, { blockCipherMode: CTR }, decrypt, missing],
  [
    aes,
    { blockCipherMode: CTR },
    {},
    { name: "ctr", counterBits: 128, madeVector: Buffer.from(`${"ee".repeat(12)}00000001`, "hex") },
  ],
  [aes, { blockCipherMode: CTR, paddingMethod: PKCS5 }, { iv: iv16 }, bad],
  [aes, { blockCipherMode: GCM, tagLength: 16 }, { iv: iv12 }, gcmWith(16)],
  [aes, { blockCipherMode: GCM }, { iv: iv12 }, gcmWith(16)],
  [aes, { blockCipherMode: GCM, tagLength: 12 }, { ...decrypt, iv: iv12, givenTagLength: 12 }, gcmWith(12)],
  [aes, { blockCipherMode: GCM }, { ...decrypt, iv: iv12, givenTagLength: 13 }, gcmWith(13)],
  [aes, { blockCipherMode: GCM, tagLength: 16 }, { iv: iv8, additionalData: iv16 }, gcmWith(16, iv8, iv16)],
  [aes, { blockCipherMode: GCM, tagLength: 1 }, { iv: iv12 }, general],
  [aes, { blockCipherMode: GCM, tagLength: 0 }, { iv: iv12 }, general],
  [aes, { blockCipherMode: GCM, tagLength: 11 }, { iv: iv12 }, general],
  [aes, { blockCipherMode: GCM, tagLength: 32 }, { iv: iv12 }, general],
  [aes, { blockCipherMode: GCM }, { iv: none }, bad],
  [aes, { blockCipherMode: GCM }, { iv: Buffer.alloc(129) }, bad],
  [aes, { blockCipherMode: GCM }, decrypt, missing],
  [
    aes,
    { blockCipherMode: GCM },
    {},
    { ...Object(gcmWith(16, Buffer.alloc(12, 0xee))), madeVector: Buffer.alloc(12, 0xee) },
  ],
  [aes, { blockCipherMode: GCM, ivLength: 128 }, {}, { iv: Buffer.alloc(16, 0xee) }],
  [aes, { blockCipherMode: GCM, ivLength: 64 }, {}, bad],
  [aes, { blockCipherMode: GCM, ivLength: 97 }, {}, bad],
  [aes, { blockCipherMode: GCM, paddingMethod: PKCS5 }, { iv: iv12 }, bad],
  [aes, { blockCipherMode: CCM }, { iv: iv12 }, { name: "ccm", iv: iv12, tagLength: 16 }],
  [aes, { blockCipherMode: CCM, tagLength: 9 }, { iv: iv12 }, general],
  [aes, { blockCipherMode: CCM }, { iv: iv16 }, bad],
  [aes, { blockCipherMode: XTS }, { iv: iv16 }, { name: "xts", iv: iv16 }],
  [aes, { blockCipherMode: NISTKeyWrap }, {}, { name: "aes-kw" }],
  [aes, { blockCipherMode: AESKeyWrapPadding }, { iv: iv8 }, bad],
  [aes, { blockCipherMode: AEAD }, { iv: iv12 }, unsupported],
  [aes, {}, { iv: iv16 }, bad],
  [aes, { paddingMethod: PKCS5 }, {}, bad],
  [rsa, { paddingMethod: PKCS1V1_5 }, {}, { name: "rsa-pkcs1" }],
  [
    rsa,
    { paddingMethod: OAEP, hashingAlgorithm: SHA_256 },
    {},
    { name: "rsa-oaep", hash: "sha256", maskHash: "sha1", label: none },
  ],
  [
    rsa,
    {
      paddingMethod: OAEP,
      hashingAlgorithm: SHA_384,
      cryptographicAlgorithm: RSA,
      maskGenerator: MaskGenerator.MGF1,
      maskGeneratorHashingAlgorithm: SHA_256,
      pSource: iv8,
    },
    decrypt,
    { name: "rsa-oaep", hash: "sha384", maskHash: "sha256", label: iv8 },
  ],
  [rsa, { paddingMethod: OAEP }, {}, { name: "rsa-oaep", hash: "sha1", maskHash: "sha1", label: none }],
  [rsa, { paddingMethod: OAEP, hashingAlgorithm: MD5 }, {}, unsupported],
  [rsa, { paddingMethod: OAEP, maskGenerator: 0x80000001 }, {}, unsupported],
  [rsa, { paddingMethod: OAEP }, { iv: iv16 }, bad],
  [rsa, { paddingMethod: None }, {}, unsupported],
  [rsa, { paddingMethod: PSS }, {}, unsupported],
  [rsa, {}, {}, bad],
  [rsa, { paddingMethod: OAEP, blockCipherMode: CBC }, {}, bad],
  [ec, { paddingMethod: OAEP }, {}, unsupported],
  [hmac256, { blockCipherMode: CBC }, { iv: iv16 }, unsupported],
  [blowfish, { blockCipherMode: CBC }, { iv: iv8 }, unsupported],
];

t.test(
  "parameters of Encrypt and Decrypt choose the cipher they describe, or fail for the reason they should",
  async (t) => {
    for (const [key, parameters, request, expected] of cipherRows) {
      const found = await cipher(key, parameters, request);
      const words = JSON.stringify([key.keyType, parameters, request]);
      if (typeof expected === "string") t.equal(found, expected, words);
      else t.match(found, expected, words);
    }
  },
);

const data: SignatureInput = { kind: "data" };
const digest = (length: number): SignatureInput => ({ kind: "digest", length });
const named = DigitalSignatureAlgorithm;

type SignatureRow = readonly [MechanismKey, CryptographicParameters, SignatureInput, Outcome];

const signatureRows: readonly SignatureRow[] = [
  [
    rsa,
    { digitalSignatureAlgorithm: named.SHA_256WithRSAEncryption },
    data,
    { name: "rsa-pkcs1", hash: "sha256", digestInfo: null },
  ],
  [
    rsa,
    { digitalSignatureAlgorithm: named.SHA_256WithRSAEncryption },
    digest(32),
    { name: "rsa-pkcs1", hash: null, digestInfo: "sha256" },
  ],
  [rsa, { digitalSignatureAlgorithm: named.SHA_256WithRSAEncryption }, digest(20), "CryptographicFailure"],
  [rsa, { digitalSignatureAlgorithm: named.SHA_256WithRSAEncryption, hashingAlgorithm: SHA_1 }, data, bad],
  [rsa, { digitalSignatureAlgorithm: named.SHA_256WithRSAEncryption, paddingMethod: PSS }, data, bad],
  [
    rsa,
    { cryptographicAlgorithm: RSA, hashingAlgorithm: SHA_512 },
    data,
    { name: "rsa-pkcs1", hash: "sha512", digestInfo: null },
  ],
  [rsa, { paddingMethod: PKCS1V1_5, hashingAlgorithm: SHA_1 }, data, { name: "rsa-pkcs1", hash: "sha1" }],
  [rsa, { paddingMethod: PKCS1V1_5 }, data, bad],
  [rsa, { paddingMethod: PKCS1V1_5 }, digest(32), bad],
  [rsa, {}, data, bad],
  [
    rsa,
    { paddingMethod: PSS, hashingAlgorithm: SHA_256, cryptographicAlgorithm: RSA },
    data,
    { name: "rsa-pss", hash: "sha256", maskHash: "sha1", saltLength: 20, prehashed: false },
  ],
  [
    rsa,
    { paddingMethod: PSS, hashingAlgorithm: SHA_256, saltLength: 222, maskGeneratorHashingAlgorithm: SHA_256 },
    digest(32),
    { name: "rsa-pss", hash: "sha256", maskHash: "sha256", saltLength: 222, prehashed: true },
  ],
  [
    rsa,
    { digitalSignatureAlgorithm: named.RSASSA_PSS, hashingAlgorithm: SHA_384, saltLength: 0 },
    data,
    { name: "rsa-pss", hash: "sha384", maskHash: "sha1", saltLength: 0, prehashed: false },
  ],
  [rsa, { digitalSignatureAlgorithm: named.RSASSA_PSS }, data, bad],
  [rsa, { paddingMethod: PSS, hashingAlgorithm: SHA_256, saltLength: -1 }, data, bad],
  [rsa, { paddingMethod: PSS, hashingAlgorithm: SHA_256, trailerField: 2 }, data, unsupported],
  [rsa, { paddingMethod: X9_31, hashingAlgorithm: SHA_256 }, data, unsupported],
  [rsa, { hashingAlgorithm: MD5 }, data, unsupported],
  [rsa, { digitalSignatureAlgorithm: named.ECDSAWithSHA256 }, data, bad],
  [rsa, { digitalSignatureAlgorithm: named.SHA_256WithRSAEncryption, cryptographicAlgorithm: EC }, data, bad],
  [ec, { digitalSignatureAlgorithm: named.ECDSAWithSHA384 }, data, { name: "ecdsa", hash: "sha384" }],
  [ec, { cryptographicAlgorithm: ECDSA, hashingAlgorithm: SHA_256 }, data, { name: "ecdsa", hash: "sha256" }],
  [ec, { cryptographicAlgorithm: EC, hashingAlgorithm: SHA_256 }, digest(32), { name: "ecdsa", hash: null }],
  [ec, {}, digest(32), { name: "ecdsa", hash: null }],
  [ec, { hashingAlgorithm: SHA_256 }, digest(31), "CryptographicFailure"],
  [ec, {}, data, { name: "ecdsa", hash: "sha512" }],
  [{ ...ec, bits: 256 }, {}, data, { name: "ecdsa", hash: "sha256" }],
  [{ ...ec, bits: 384 }, {}, data, { name: "ecdsa", hash: "sha384" }],
  [dsa, { digitalSignatureAlgorithm: named.DSAWithSHA224 }, data, { name: "dsa", hash: "sha224" }],
  [dsa, {}, data, { name: "dsa", hash: "sha256" }],
  [dsa, { hashingAlgorithm: SHA_256 }, digest(32), unsupported],
  [edwards, {}, data, { name: "eddsa" }],
  [edwards, { hashingAlgorithm: SHA_512 }, data, bad],
  [edwards, {}, digest(64), bad],
  [ec, { digitalSignatureAlgorithm: named.SHA_256WithRSAEncryption }, data, bad],
  [ec, { hashingAlgorithm: SHA_256, paddingMethod: PSS }, data, bad],
  [aes, { hashingAlgorithm: SHA_256 }, data, unsupported],
];

t.test(
  "parameters of Sign and Signature Verify choose the scheme they describe, or fail for the reason they should",
  async (t) => {
    for (const [key, parameters, input, expected] of signatureRows) {
      const found = outcomeOf(() => chooseSignature(key, parameters, { input, purpose: "make" }));
      const words = JSON.stringify([key.keyType, parameters, input]);
      if (typeof expected === "string") t.equal(found, expected, words);
      else t.match(found, expected, words);
    }
  },
);

t.test("every Digital Signature Algorithm has a row or is refused as unsupported", async (t) => {
  const refused: string[] = [];
  for (const { name, value } of DigitalSignatureAlgorithmTable.facts) {
    const parameters = { digitalSignatureAlgorithm: value };
    const key = name.startsWith("EC") ? ec : name.startsWith("DSA") ? dsa : rsa;
    const outcome = outcomeOf(() => chooseSignature(key, parameters, { input: data, purpose: "make" }));
    if (outcome === unsupported) refused.push(name);
    else if (name !== "RSASSA_PSS") t.type(outcome, "object", name);
  }
  t.same(refused, ["MD2WithRSAEncryption", "MD5WithRSAEncryption"]);
});

t.test("signatures with MD5 are checked, and fields that pertain to RSA say nothing of an EC key then", async (t) => {
  const check = { input: data, purpose: "check" } as const;
  t.match(chooseSignature(rsa, { digitalSignatureAlgorithm: named.MD5WithRSAEncryption }, check), { hash: "md5" });
  const ofRsa = { paddingMethod: PSS, hashingAlgorithm: SHA_256, cryptographicAlgorithm: RSA };
  t.same(chooseSignature(ec, ofRsa, check), { name: "ecdsa", hash: "sha256" });
  t.equal(
    outcomeOf(() => chooseSignature(ec, { cryptographicAlgorithm: AES }, check)),
    bad,
  );
});

t.test("the hash functions are those that software knows, and every other Hashing Algorithm is refused", async (t) => {
  const done = HashingAlgorithmTable.facts
    .filter(({ value }) => outcomeOf(() => ({ hash: hashOf({ hashingAlgorithm: value }) })) !== unsupported)
    .map(({ name }) => name);
  const refused = HashingAlgorithmTable.facts.map(({ name }) => name).filter((name) => !done.includes(name));
  t.same(refused, ["MD2", "MD4", "Tiger", "Whirlpool"]);
  t.equal(
    outcomeOf(() => ({ hash: hashOf({}) })),
    bad,
  );
});
