import { CryptographicAlgorithm, CryptographicUsageMask } from "#protocol/enums/index.js";

const encrypting = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt;
const authenticating = CryptographicUsageMask.MACGenerate | CryptographicUsageMask.MACVerify;

/** A symmetric algorithm the partition can make keys for. */
export interface SecretAlgorithm {
  readonly keyType: "aes" | "des3" | "generic";
  /** Allowed lengths in bits, or a range of whole bytes. */
  readonly lengths: readonly number[] | { readonly from: number; readonly to: number };
  /** Cryptographic Usage Mask of a key whose maker named none. */
  readonly usage: number;
  /** Only software performs the algorithm: in the token for good, its keys would be of no use. */
  readonly softwareOnly?: true;
}

/** Keys of algorithms that the token does not perform: it makes them as random bytes, for software or for clients. */
function keptFor(lengths: SecretAlgorithm["lengths"]): SecretAlgorithm {
  return { keyType: "generic", lengths, usage: encrypting, softwareOnly: true };
}

const macKey: SecretAlgorithm = { keyType: "generic", lengths: { from: 40, to: 4096 }, usage: authenticating };

/** Symmetric algorithms by Cryptographic Algorithm. */
export const secretAlgorithms: ReadonlyMap<number, SecretAlgorithm> = new Map([
  [CryptographicAlgorithm.AES, { keyType: "aes", lengths: [128, 192, 256], usage: encrypting }],
  // 128 and 192 count the parity bits, as many clients do.
  [CryptographicAlgorithm.DES3, { keyType: "des3", lengths: [112, 128, 168, 192], usage: encrypting }],
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
  [CryptographicAlgorithm.SKIPJACK, keptFor([80])],
  [CryptographicAlgorithm.IDEA, keptFor([128])],
  [CryptographicAlgorithm.Camellia, keptFor([128, 192, 256])],
  [CryptographicAlgorithm.Twofish, keptFor([128, 192, 256])],
  [CryptographicAlgorithm.Blowfish, keptFor({ from: 32, to: 448 })],
  [CryptographicAlgorithm.CAST5, keptFor({ from: 40, to: 128 })],
  [CryptographicAlgorithm.RC2, keptFor({ from: 8, to: 1024 })],
  [CryptographicAlgorithm.RC4, keptFor({ from: 40, to: 2048 })],
  [CryptographicAlgorithm.RC5, keptFor({ from: 8, to: 2040 })],
  [CryptographicAlgorithm.MARS, keptFor([128, 192, 256, 320, 384, 448])],
  [CryptographicAlgorithm.ChaCha20, keptFor([256])],
  [CryptographicAlgorithm.ChaCha20Poly1305, keptFor([256])],
  [CryptographicAlgorithm.Poly1305, { ...macKey, lengths: [256], softwareOnly: true }],
  [CryptographicAlgorithm.ARIA, keptFor([128, 192, 256])],
  [CryptographicAlgorithm.SEED, keptFor([128])],
  [CryptographicAlgorithm.SM4, keptFor([128])],
  [CryptographicAlgorithm.GOSTR34_13_2015, keptFor([256])],
  [CryptographicAlgorithm.GOST28147_89, keptFor([256])],
]);

/** Whether a symmetric algorithm has keys of a length in bits. */
export function allowsLength({ lengths }: SecretAlgorithm, bits: number): boolean {
  if ("from" in lengths) return bits >= lengths.from && bits <= lengths.to && bits % 8 === 0;
  return lengths.includes(bits);
}
