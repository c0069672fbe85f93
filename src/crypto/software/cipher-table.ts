import { CryptographicAlgorithm } from "#protocol/enums/index.js";
import type { CipherSpecification } from "../port.js";

/** A cipher of node:crypto: how its name begins, for a key of so many bytes; undefined where no key has that length. */
type NameOf = (keyLength: number) => string | undefined;

function bySize(family: string, sizes: readonly number[]): NameOf {
  return (keyLength) => (sizes.includes(keyLength * 8) ? `${family}-${keyLength * 8}` : undefined);
}

const threeSizes = [128, 192, 256];

/** Block ciphers by Cryptographic Algorithm. */
const blockCiphers: ReadonlyMap<number, NameOf> = new Map<number, NameOf>([
  [CryptographicAlgorithm.AES, bySize("aes", threeSizes)],
  [CryptographicAlgorithm.Camellia, bySize("camellia", threeSizes)],
  [CryptographicAlgorithm.ARIA, bySize("aria", threeSizes)],
  [CryptographicAlgorithm.SM4, (keyLength) => (keyLength === 16 ? "sm4" : undefined)],
  [
    CryptographicAlgorithm.DES3,
    (keyLength) => (keyLength === 24 ? "des-ede3" : keyLength === 16 ? "des-ede" : undefined),
  ],
]);

function ofBlockCipher(mode: string): (algorithm: number, keyLength: number) => string | undefined {
  return (algorithm, keyLength) => {
    const family = blockCiphers.get(algorithm)?.(keyLength);
    return family === undefined ? undefined : `${family}-${mode}`;
  };
}

function fixed(name: string): (algorithm: number, keyLength: number) => string | undefined {
  return (_algorithm, keyLength) => (keyLength === 32 ? name : undefined);
}

/** How node:crypto names each cipher; RSA is not done as a cipher here. */
const names: Readonly<
  Record<CipherSpecification["name"], ((algorithm: number, keyLength: number) => string | undefined) | null>
> = {
  ecb: ofBlockCipher("ecb"),
  cbc: ofBlockCipher("cbc"),
  cfb: ofBlockCipher("cfb"),
  ofb: ofBlockCipher("ofb"),
  ctr: ofBlockCipher("ctr"),
  gcm: ofBlockCipher("gcm"),
  ccm: ofBlockCipher("ccm"),
  // A key of XTS is two keys: the name tells the length of one.
  xts: (algorithm, keyLength) => ofBlockCipher("xts")(algorithm, keyLength / 2),
  "aes-kw": (algorithm, keyLength) => wrapName(algorithm, keyLength, "wrap"),
  "aes-kwp": (algorithm, keyLength) => wrapName(algorithm, keyLength, "wrap-pad"),
  chacha20: fixed("chacha20"),
  "chacha20-poly1305": fixed("chacha20-poly1305"),
  "rsa-pkcs1": null,
  "rsa-oaep": null,
  "rsa-raw": null,
};

function wrapName(algorithm: number, keyLength: number, suffix: string): string | undefined {
  const known = algorithm === CryptographicAlgorithm.AES && [16, 24, 32].includes(keyLength);
  return known ? `id-aes${keyLength * 8}-${suffix}` : undefined;
}

/** The name under which node:crypto does a cipher with a key of an algorithm and length in bytes, or undefined. */
export function cipherName(
  specification: CipherSpecification,
  algorithm: number,
  keyLength: number,
): string | undefined {
  return names[specification.name]?.(algorithm, keyLength);
}
