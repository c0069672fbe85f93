/** Hash functions by their common names. */
export type HashName =
  | "md5"
  | "sha1"
  | "sha224"
  | "sha256"
  | "sha384"
  | "sha512"
  | "sha512-224"
  | "sha512-256"
  | "sha3-224"
  | "sha3-256"
  | "sha3-384"
  | "sha3-512"
  | "ripemd160";

/** A cipher with its parameters, already checked by the mechanisms table. Sizes in bytes unless named otherwise. */
export type CipherSpecification =
  | { readonly name: "ecb"; readonly padding: boolean }
  | { readonly name: "cbc"; readonly iv: Buffer; readonly padding: boolean }
  /** Feedback of whole blocks; nothing is padded. */
  | { readonly name: "cfb" | "ofb"; readonly iv: Buffer }
  | { readonly name: "ctr"; readonly iv: Buffer; readonly counterBits: number }
  /** The IV is the tweak of the data unit; the key is two keys of the cipher. */
  | { readonly name: "xts"; readonly iv: Buffer }
  | {
      readonly name: "gcm" | "ccm" | "chacha20-poly1305";
      readonly iv: Buffer;
      readonly additionalData: Buffer;
      readonly tagLength: number;
    }
  /** The IV is the little-endian 64-bit counter of the first block and a nonce of 64 bits, or 32 and 96 bits. */
  | { readonly name: "chacha20"; readonly iv: Buffer }
  /** Key wrap (RFC 3394) and key wrap with padding (RFC 5649) of data that are given in plaintext. */
  | { readonly name: "aes-kw" }
  | { readonly name: "aes-kwp" }
  | { readonly name: "rsa-pkcs1" }
  | { readonly name: "rsa-oaep"; readonly hash: HashName; readonly maskHash: HashName; readonly label: Buffer }
  | { readonly name: "rsa-raw" };

/** A signature scheme. `hash: null` means the caller's data are already the digest. */
export type SignatureSpecification =
  | { readonly name: "rsa-pkcs1"; readonly hash: HashName | null; readonly digestInfo: HashName | null }
  | {
      readonly name: "rsa-pss";
      readonly hash: HashName;
      readonly maskHash: HashName;
      readonly saltLength: number;
      readonly prehashed: boolean;
    }
  | { readonly name: "ecdsa"; readonly hash: HashName | null }
  | { readonly name: "dsa"; readonly hash: HashName }
  /** Ed25519 and Ed448 (RFC 8032), over the data themselves. */
  | { readonly name: "eddsa" };

/** A message authentication code. */
export type MacSpecification =
  | { readonly name: "hmac"; readonly hash: HashName }
  /** CMAC (SP 800-38B); CBC-MAC with a zero IV over data filled up with zeros (FIPS 113). */
  | { readonly name: "cmac" | "cbc-mac" };

/** A key-wrapping mechanism for wrapping one key of the partition with another of the same partition. */
export type WrapSpecification =
  | { readonly name: "aes-kw" }
  | { readonly name: "aes-kwp" }
  | { readonly name: "rsa-pkcs1" }
  | { readonly name: "rsa-oaep"; readonly hash: HashName; readonly maskHash: HashName; readonly label: Buffer };
