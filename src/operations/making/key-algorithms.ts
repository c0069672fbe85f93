import { CryptographicAlgorithm, CryptographicUsageMask, RecommendedCurve } from "#protocol/enums/index.js";
import type { CurveName } from "#src/crypto/port.js";

const encrypting = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt;
const authenticating = CryptographicUsageMask.MACGenerate | CryptographicUsageMask.MACVerify;

/** A symmetric algorithm the partition can make keys for. */
export interface SecretAlgorithm {
  readonly keyType: "aes" | "des3" | "generic";
  /** Allowed lengths in bits, or a range of whole bytes. */
  readonly lengths: readonly number[] | { readonly from: number; readonly to: number };
  /** Cryptographic Usage Mask of a key whose maker named none. */
  readonly usage: number;
}

/** Keys of algorithms that the token does not perform: it makes them as random bytes, and clients use them. */
function keptFor(lengths: SecretAlgorithm["lengths"]): SecretAlgorithm {
  return { keyType: "generic", lengths, usage: encrypting };
}

const macKey: SecretAlgorithm = { keyType: "generic", lengths: { from: 40, to: 4096 }, usage: authenticating };

/** Symmetric algorithms by Cryptographic Algorithm. */
export const secretAlgorithms: ReadonlyMap<number, SecretAlgorithm> = new Map([
  [CryptographicAlgorithm.AES, { keyType: "aes", lengths: [128, 192, 256], usage: encrypting }],
  [CryptographicAlgorithm.DES3, { keyType: "des3", lengths: [112, 168], usage: encrypting }],
  [CryptographicAlgorithm.HMAC_SHA1, macKey],
  [CryptographicAlgorithm.HMAC_SHA224, macKey],
  [CryptographicAlgorithm.HMAC_SHA256, macKey],
  [CryptographicAlgorithm.HMAC_SHA384, macKey],
  [CryptographicAlgorithm.HMAC_SHA512, macKey],
  [CryptographicAlgorithm.SKIPJACK, keptFor([80])],
  [CryptographicAlgorithm.IDEA, keptFor([128])],
  [CryptographicAlgorithm.Camellia, keptFor([128, 192, 256])],
  [CryptographicAlgorithm.Twofish, keptFor([128, 192, 256])],
  [CryptographicAlgorithm.Blowfish, keptFor({ from: 32, to: 448 })],
  [CryptographicAlgorithm.CAST5, keptFor({ from: 40, to: 128 })],
  [CryptographicAlgorithm.RC2, keptFor({ from: 8, to: 1024 })],
  [CryptographicAlgorithm.RC4, keptFor({ from: 40, to: 2048 })],
  [CryptographicAlgorithm.RC5, keptFor({ from: 8, to: 2040 })],
  [CryptographicAlgorithm.ChaCha20, keptFor([256])],
  [CryptographicAlgorithm.ChaCha20Poly1305, keptFor([256])],
]);

/** Whether a symmetric algorithm has keys of a length in bits. */
export function allowsLength({ lengths }: SecretAlgorithm, bits: number): boolean {
  if ("from" in lengths) return bits >= lengths.from && bits <= lengths.to && bits % 8 === 0;
  return lengths.includes(bits);
}

/** Elliptic curves by Recommended Curve, with their field size in bits. */
export const curves: ReadonlyMap<number, { readonly name: CurveName; readonly bits: number }> = new Map([
  [RecommendedCurve.P_256, { name: "P-256", bits: 256 }],
  [RecommendedCurve.P_384, { name: "P-384", bits: 384 }],
  [RecommendedCurve.P_521, { name: "P-521", bits: 521 }],
]);

/** The Recommended Curve of a field size in bits, or undefined. */
export function curveOfLength(bits: number): number | undefined {
  return [...curves].find(([, curve]) => curve.bits === bits)?.[0];
}

/** Asymmetric algorithms that key pairs are made for, and what a half may do where its maker named nothing. */
export const pairAlgorithms: ReadonlyMap<number, { readonly keyType: "rsa" | "ec" }> = new Map([
  [CryptographicAlgorithm.RSA, { keyType: "rsa" }],
  [CryptographicAlgorithm.ECDSA, { keyType: "ec" }],
  [CryptographicAlgorithm.ECDH, { keyType: "ec" }],
  [CryptographicAlgorithm.EC, { keyType: "ec" }],
]);

/** Lengths of RSA keys the server makes, in bits. */
export const rsaLengths = { from: 2048, to: 4096 } as const;
