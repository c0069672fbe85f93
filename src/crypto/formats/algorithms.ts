import { CryptographicAlgorithm } from "#protocol/enums/index.js";
import type { KeyType } from "../port.js";
import type { PairKeyType } from "./key.js";

/** What is known of the keys of a symmetric algorithm. */
export interface SymmetricAlgorithm {
  /** The type the partition uses the key as; null where it only keeps its bytes. */
  readonly keyType: KeyType | null;
  /**
   * Lengths of the key in bytes, each with the Cryptographic Lengths in bits it goes by, the usual one first: with DES
   * and 3DES some count the parity bits (KMIP 2.1 §3.1). Undefined where any length will do, at 8 bits a byte.
   */
  readonly lengths?: ReadonlyMap<number, readonly number[]>;
}

const aesLengths = new Map([
  [16, [128]],
  [24, [192]],
  [32, [256]],
]);
const desLengths = new Map([[8, [56, 64]]]);
const tripleDesLengths = new Map([
  [16, [112, 128]],
  [24, [168, 192]],
]);
const macKey: SymmetricAlgorithm = { keyType: "generic" };
const kept: SymmetricAlgorithm = { keyType: null };

function keptOf(...bits: readonly number[]): SymmetricAlgorithm {
  return { keyType: null, lengths: new Map(bits.map((length) => [length / 8, [length]])) };
}

const symmetricAlgorithms: ReadonlyMap<number, SymmetricAlgorithm> = new Map([
  [CryptographicAlgorithm.AES, { keyType: "aes", lengths: aesLengths }],
  [CryptographicAlgorithm.DES3, { keyType: "des3", lengths: tripleDesLengths }],
  [CryptographicAlgorithm.DES, { keyType: null, lengths: desLengths }],
  [CryptographicAlgorithm.Camellia, keptOf(128, 192, 256)],
  [CryptographicAlgorithm.ARIA, keptOf(128, 192, 256)],
  [CryptographicAlgorithm.SM4, keptOf(128)],
  [CryptographicAlgorithm.SEED, keptOf(128)],
  [CryptographicAlgorithm.ChaCha20, keptOf(256)],
  [CryptographicAlgorithm.ChaCha20Poly1305, keptOf(256)],
  [CryptographicAlgorithm.Poly1305, keptOf(256)],
  [CryptographicAlgorithm.HMAC_MD5, macKey],
  [CryptographicAlgorithm.HMAC_SHA1, macKey],
  [CryptographicAlgorithm.HMAC_SHA224, macKey],
  [CryptographicAlgorithm.HMAC_SHA256, macKey],
  [CryptographicAlgorithm.HMAC_SHA384, macKey],
  [CryptographicAlgorithm.HMAC_SHA512, macKey],
  [CryptographicAlgorithm.HMAC_SHA3_224, macKey],
  [CryptographicAlgorithm.HMAC_SHA3_256, macKey],
  [CryptographicAlgorithm.HMAC_SHA3_384, macKey],
  [CryptographicAlgorithm.HMAC_SHA3_512, macKey],
]);

/** What is known of a symmetric algorithm; keys of algorithms without a row are kept as bytes. */
export function symmetricAlgorithm(algorithm: number | undefined): SymmetricAlgorithm {
  return (algorithm === undefined ? undefined : symmetricAlgorithms.get(algorithm)) ?? kept;
}

/** The usual Cryptographic Length in bits of keys that go by the length `bits`, which may count parity bits. */
export function usualLength(algorithm: number, bits: number): number {
  const known = [...(symmetricAlgorithm(algorithm).lengths?.values() ?? [])].find((lengths) => lengths.includes(bits));
  return known?.[0] ?? bits;
}

/** The Cryptographic Algorithms that a key of a pair may be declared as, the usual one first. */
export const pairAlgorithms: Readonly<Record<PairKeyType, readonly number[]>> = {
  rsa: [CryptographicAlgorithm.RSA],
  ec: [
    CryptographicAlgorithm.EC,
    CryptographicAlgorithm.ECDSA,
    CryptographicAlgorithm.ECDH,
    CryptographicAlgorithm.ECMQV,
  ],
  dsa: [CryptographicAlgorithm.DSA],
  // Which of the two it is, the key itself says.
  edwards: [CryptographicAlgorithm.Ed25519, CryptographicAlgorithm.Ed448],
  dh: [CryptographicAlgorithm.DH],
  montgomery: [CryptographicAlgorithm.ECDH, CryptographicAlgorithm.EC],
};
