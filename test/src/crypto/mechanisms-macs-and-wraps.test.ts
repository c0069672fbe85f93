import t from "tap";
import { BlockCipherMode, CryptographicAlgorithm, HashingAlgorithm, PaddingMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { MechanismKey } from "#src/crypto/mechanisms/key.js";
import { chooseMac } from "#src/crypto/mechanisms/macs.js";
import { keyWrapOf } from "#src/crypto/mechanisms/wraps.js";
import { KmipError } from "#src/objects/kmip-error.js";

const { AES, DES3, RSA, HMAC_SHA1, HMAC_SHA256, HMAC_SHA512, HMAC_MD5, HMAC_SHA3_256 } = CryptographicAlgorithm;
const { CBC, CMAC, CBC_MAC, NISTKeyWrap, AESKeyWrapPadding } = BlockCipherMode;
const { SHA_1, SHA_256, SHA_512, SHA3_256 } = HashingAlgorithm;
const { PKCS1V1_5 } = PaddingMethod;

const aes: MechanismKey = { keyType: "aes", algorithm: AES };
const des3: MechanismKey = { keyType: "des3", algorithm: DES3 };
const rsa: MechanismKey = { keyType: "rsa", algorithm: RSA };
const ec: MechanismKey = { keyType: "ec", algorithm: CryptographicAlgorithm.ECDSA };
const hmac256: MechanismKey = { keyType: "generic", algorithm: HMAC_SHA256 };
const bad = "BadCryptographicParameters";
const unsupported = "UnsupportedCryptographicParameters";

type Outcome = object | string;

function outcomeOf(run: () => object): Outcome {
  try {
    return run();
  } catch (error) {
    if (error instanceof KmipError) return error.reason;
    throw error;
  }
}

type MacRow = readonly [MechanismKey, CryptographicParameters, Outcome];

const macRows: readonly MacRow[] = [
  [hmac256, {}, { name: "hmac", hash: "sha256" }],
  [hmac256, { cryptographicAlgorithm: HMAC_SHA256 }, { name: "hmac", hash: "sha256" }],
  [hmac256, { hashingAlgorithm: SHA_256 }, { name: "hmac", hash: "sha256" }],
  [hmac256, { cryptographicAlgorithm: HMAC_SHA1 }, bad],
  [hmac256, { hashingAlgorithm: SHA_1 }, bad],
  [hmac256, { hashingAlgorithm: SHA3_256 }, bad],
  [aes, { cryptographicAlgorithm: HMAC_SHA512 }, { name: "hmac", hash: "sha512" }],
  [aes, { cryptographicAlgorithm: HMAC_SHA512, hashingAlgorithm: SHA_512 }, { name: "hmac", hash: "sha512" }],
  [aes, { cryptographicAlgorithm: HMAC_SHA512, hashingAlgorithm: SHA_1 }, bad],
  [aes, { blockCipherMode: CMAC }, { name: "cmac" }],
  [aes, { cryptographicAlgorithm: AES }, { name: "cmac" }],
  [des3, { blockCipherMode: CMAC, cryptographicAlgorithm: DES3 }, { name: "cmac" }],
  [aes, { blockCipherMode: CMAC, cryptographicAlgorithm: DES3 }, bad],
  [hmac256, { blockCipherMode: CMAC }, bad],
  [aes, { blockCipherMode: CBC_MAC }, { name: "cbc-mac" }],
  [aes, {}, bad],
  [aes, { cryptographicAlgorithm: HMAC_MD5 }, { name: "hmac", hash: "md5" }],
  [aes, { cryptographicAlgorithm: HMAC_SHA3_256 }, { name: "hmac", hash: "sha3-256" }],
  [aes, { cryptographicAlgorithm: RSA }, unsupported],
];

t.test(
  "parameters of MAC and MAC Verify choose the code they describe, or fail for the reason they should",
  async (t) => {
    for (const [key, parameters, expected] of macRows) {
      const found = outcomeOf(() => chooseMac(key, parameters));
      t.same(found, expected, JSON.stringify([key.keyType, parameters]));
    }
  },
);

const wrapRows: readonly MacRow[] = [
  [aes, {}, { name: "aes-kw" }],
  [aes, { blockCipherMode: NISTKeyWrap }, { name: "aes-kw" }],
  [aes, { blockCipherMode: AESKeyWrapPadding }, { name: "aes-kwp" }],
  [aes, { blockCipherMode: CBC }, {}],
  [aes, { cryptographicAlgorithm: RSA }, bad],
  [rsa, { paddingMethod: PKCS1V1_5 }, {}],
  [des3, { blockCipherMode: NISTKeyWrap }, {}],
  [ec, {}, {}],
];

t.test(
  "parameters of key wrapping choose the mechanism made for it, or none where they name a cipher for data",
  async (t) => {
    for (const [key, parameters, expected] of wrapRows) {
      t.same(
        outcomeOf(() => keyWrapOf(key, parameters) ?? {}),
        expected,
        JSON.stringify([key.keyType, parameters]),
      );
    }
  },
);
