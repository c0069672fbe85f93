import pkcs11js from "pkcs11js";
import type {
  CipherSpecification,
  HashName,
  KeyType,
  MacSpecification,
  PartitionInformation,
  SignatureSpecification,
  WrapSpecification,
} from "../port.js";
import { profileFor } from "./profiles/choosing.js";
import type { Quirks } from "./profiles/quirks.js";

/** What PKCS#11 calls a hash function in its several uses. */
export interface HashRow {
  readonly digest: number;
  readonly hmac: number;
  /** For MGF1; 0 where there is none. */
  readonly mask: number;
  readonly rsaPkcs1: number | null;
  readonly rsaPss: number | null;
  /** Digest length in bytes. */
  readonly length: number;
  /** Length of what the function takes at a time, in bytes. */
  readonly blockLength: number;
  /** DER of DigestInfo up to the digest (RFC 8017 §9.2, note 1). */
  readonly digestInfo: string;
}

/** One row a hash function; numbers are mechanisms of PKCS#11 2.40 and 3.0 that pkcs11js does not name. */
export const HASHES: Readonly<Record<HashName, HashRow>> = {
  md5: {
    digest: pkcs11js.CKM_MD5,
    hmac: pkcs11js.CKM_MD5_HMAC,
    mask: 0,
    rsaPkcs1: pkcs11js.CKM_MD5_RSA_PKCS,
    rsaPss: null,
    length: 16,
    blockLength: 64,
    digestInfo: "3020300c06082a864886f70d020505000410",
  },
  sha1: {
    digest: pkcs11js.CKM_SHA_1,
    hmac: pkcs11js.CKM_SHA_1_HMAC,
    mask: pkcs11js.CKG_MGF1_SHA1,
    rsaPkcs1: pkcs11js.CKM_SHA1_RSA_PKCS,
    rsaPss: pkcs11js.CKM_SHA1_RSA_PKCS_PSS,
    length: 20,
    blockLength: 64,
    digestInfo: "3021300906052b0e03021a05000414",
  },
  sha224: {
    digest: pkcs11js.CKM_SHA224,
    hmac: pkcs11js.CKM_SHA224_HMAC,
    mask: pkcs11js.CKG_MGF1_SHA224,
    rsaPkcs1: pkcs11js.CKM_SHA224_RSA_PKCS,
    rsaPss: pkcs11js.CKM_SHA224_RSA_PKCS_PSS,
    length: 28,
    blockLength: 64,
    digestInfo: "302d300d06096086480165030402040500041c",
  },
  sha256: {
    digest: pkcs11js.CKM_SHA256,
    hmac: pkcs11js.CKM_SHA256_HMAC,
    mask: pkcs11js.CKG_MGF1_SHA256,
    rsaPkcs1: pkcs11js.CKM_SHA256_RSA_PKCS,
    rsaPss: pkcs11js.CKM_SHA256_RSA_PKCS_PSS,
    length: 32,
    blockLength: 64,
    digestInfo: "3031300d060960864801650304020105000420",
  },
  sha384: {
    digest: pkcs11js.CKM_SHA384,
    hmac: pkcs11js.CKM_SHA384_HMAC,
    mask: pkcs11js.CKG_MGF1_SHA384,
    rsaPkcs1: pkcs11js.CKM_SHA384_RSA_PKCS,
    rsaPss: pkcs11js.CKM_SHA384_RSA_PKCS_PSS,
    length: 48,
    blockLength: 128,
    digestInfo: "3041300d060960864801650304020205000430",
  },
  sha512: {
    digest: pkcs11js.CKM_SHA512,
    hmac: pkcs11js.CKM_SHA512_HMAC,
    mask: pkcs11js.CKG_MGF1_SHA512,
    rsaPkcs1: pkcs11js.CKM_SHA512_RSA_PKCS,
    rsaPss: pkcs11js.CKM_SHA512_RSA_PKCS_PSS,
    length: 64,
    blockLength: 128,
    digestInfo: "3051300d060960864801650304020305000440",
  },
  "sha512-224": {
    digest: 0x48,
    hmac: 0x49,
    mask: 0,
    rsaPkcs1: null,
    rsaPss: null,
    length: 28,
    blockLength: 128,
    digestInfo: "302d300d06096086480165030402050500041c",
  },
  "sha512-256": {
    digest: 0x4c,
    hmac: 0x4d,
    mask: 0,
    rsaPkcs1: null,
    rsaPss: null,
    length: 32,
    blockLength: 128,
    digestInfo: "3031300d060960864801650304020605000420",
  },
  "sha3-224": {
    digest: 0x2b5,
    hmac: 0x2b6,
    mask: 6,
    rsaPkcs1: 0x66,
    rsaPss: 0x67,
    length: 28,
    blockLength: 144,
    digestInfo: "302d300d06096086480165030402070500041c",
  },
  "sha3-256": {
    digest: 0x2b0,
    hmac: 0x2b1,
    mask: 7,
    rsaPkcs1: 0x60,
    rsaPss: 0x63,
    length: 32,
    blockLength: 136,
    digestInfo: "3031300d060960864801650304020805000420",
  },
  "sha3-384": {
    digest: 0x2c0,
    hmac: 0x2c1,
    mask: 8,
    rsaPkcs1: 0x61,
    rsaPss: 0x64,
    length: 48,
    blockLength: 104,
    digestInfo: "3041300d060960864801650304020905000430",
  },
  "sha3-512": {
    digest: 0x2d0,
    hmac: 0x2d1,
    mask: 9,
    rsaPkcs1: 0x62,
    rsaPss: 0x65,
    length: 64,
    blockLength: 72,
    digestInfo: "3051300d060960864801650304020a05000440",
  },
  ripemd160: {
    digest: pkcs11js.CKM_RIPEMD160,
    hmac: pkcs11js.CKM_RIPEMD160_HMAC,
    mask: 0,
    rsaPkcs1: pkcs11js.CKM_RIPEMD160_RSA_PKCS,
    rsaPss: null,
    length: 20,
    blockLength: 64,
    digestInfo: "3021300906052b2403020105000414",
  },
};

/** Anything a caller may specify. */
export type Specification = CipherSpecification | SignatureSpecification | MacSpecification | WrapSpecification;

const BLOCK_CIPHERS: Readonly<Record<"aes" | "des3", Readonly<Record<string, number | undefined>>>> = {
  aes: {
    ecb: pkcs11js.CKM_AES_ECB,
    cbc: pkcs11js.CKM_AES_CBC,
    "cbc padded": pkcs11js.CKM_AES_CBC_PAD,
    ctr: pkcs11js.CKM_AES_CTR,
    gcm: pkcs11js.CKM_AES_GCM,
    cmac: pkcs11js.CKM_AES_CMAC,
    "aes-kw": pkcs11js.CKM_AES_KEY_WRAP,
  },
  des3: {
    ecb: pkcs11js.CKM_DES3_ECB,
    cbc: pkcs11js.CKM_DES3_CBC,
    "cbc padded": pkcs11js.CKM_DES3_CBC_PAD,
    cmac: pkcs11js.CKM_DES3_CMAC,
  },
};

/** Block length of a symmetric cipher in bytes. */
export const BLOCK_LENGTH: Readonly<Record<"aes" | "des3", number>> = { aes: 16, des3: 8 };

function blockMechanism(keyType: KeyType, name: string): number | null {
  return keyType === "aes" || keyType === "des3" ? (BLOCK_CIPHERS[keyType][name] ?? null) : null;
}

function oaepMechanism(quirks: Quirks, specification: { hash: HashName; maskHash: HashName; label: Buffer }) {
  const plain = specification.hash === "sha1" && specification.maskHash === "sha1" && specification.label.length === 0;
  const possible = HASHES[specification.maskHash].mask !== 0 && (plain || !quirks.plainOaepOnly);
  return possible ? pkcs11js.CKM_RSA_PKCS_OAEP : null;
}

function rsaMechanism(quirks: Quirks, specification: Specification): number | null {
  switch (specification.name) {
    case "rsa-pkcs1":
      return "hash" in specification && specification.hash !== null
        ? HASHES[specification.hash].rsaPkcs1
        : pkcs11js.CKM_RSA_PKCS;
    case "rsa-oaep":
      return oaepMechanism(quirks, specification);
    case "rsa-raw":
      return pkcs11js.CKM_RSA_X_509;
    case "rsa-pss":
      if (
        HASHES[specification.maskHash].mask === 0 ||
        (quirks.pssMaskFollowsHash && specification.hash !== specification.maskHash)
      ) {
        return null;
      }
      return specification.prehashed ? pkcs11js.CKM_RSA_PKCS_PSS : HASHES[specification.hash].rsaPss;
    default:
      return null;
  }
}

/** The mechanism that does a specification with a key of that type; null where none does. */
export function mechanismOf(quirks: Quirks, specification: Specification, keyType: KeyType): number | null {
  switch (keyType) {
    case "rsa":
      return rsaMechanism(quirks, specification);
    case "ec":
      return specification.name === "ecdsa" ? pkcs11js.CKM_ECDSA : null;
    default:
      break;
  }
  switch (specification.name) {
    case "hmac":
      return HASHES[specification.hash].hmac;
    case "aes-kwp":
      return keyType === "aes" ? quirks.paddedWrapMechanism : null;
    case "cbc":
      return blockMechanism(keyType, specification.padding ? "cbc padded" : "cbc");
    default:
      return blockMechanism(keyType, specification.name);
  }
}

/** The mechanism of a hash that a specification has computed beforehand; null where none is. */
function separateHash(specification: Specification): number | null {
  return specification.name === "ecdsa" && specification.hash !== null ? HASHES[specification.hash].digest : null;
}

/** Whether the token of a partition can do what is specified with a key of that type. */
export function supports(information: PartitionInformation, specification: Specification, keyType: KeyType): boolean {
  const codes = new Set(information.mechanisms.map((mechanism) => mechanism.code));
  const mechanism = mechanismOf(profileFor(information).quirks, specification, keyType);
  const hash = separateHash(specification);
  return mechanism !== null && codes.has(mechanism) && (hash === null || codes.has(hash));
}
