import type { TransparentKeyMaterial } from "#protocol/structures/key-block.js";
import { bitLength, DerReader, DerTag, element, integerElement, malformed } from "./der.js";

/** An RSA public key in numbers (RFC 8017 §3.1). */
export interface RsaPublicNumbers {
  readonly modulus: bigint;
  readonly publicExponent: bigint;
}

/** An RSA private key of two primes in numbers (RFC 8017 §3.2, second form). */
export interface RsaPrivateNumbers extends RsaPublicNumbers {
  readonly privateExponent: bigint;
  readonly p: bigint;
  readonly q: bigint;
  readonly primeExponentP: bigint;
  readonly primeExponentQ: bigint;
  readonly crtCoefficient: bigint;
}

/** Longest modulus taken in bits: arithmetic on longer ones would hold up everybody else. */
const longestModulus = 16_384;

/** Longest modulus in bits for which primes that were left out are recovered; it takes exponentiations. */
const longestRecovery = 4_096;

/** The public exponent of keys that name none. */
const usualExponent = 65_537n;

const wrongNumbers = "RSA key: its numbers do not belong together";

function checkPublic({ modulus, publicExponent }: RsaPublicNumbers): void {
  if (bitLength(modulus) > longestModulus) throw malformed(`RSA key of at most ${longestModulus} bits`);
  const odd = modulus % 2n === 1n && publicExponent % 2n === 1n;
  if (!odd || publicExponent < 3n || publicExponent >= modulus) throw malformed(wrongNumbers);
}

function checkPrivate(key: RsaPrivateNumbers): void {
  checkPublic(key);
  const { modulus, publicExponent, privateExponent, p, q, primeExponentP, primeExponentQ, crtCoefficient } = key;
  const together =
    p > 2n &&
    q > 2n &&
    p * q === modulus &&
    privateExponent < modulus &&
    (publicExponent * privateExponent) % (p - 1n) === 1n &&
    (publicExponent * privateExponent) % (q - 1n) === 1n &&
    primeExponentP === privateExponent % (p - 1n) &&
    primeExponentQ === privateExponent % (q - 1n) &&
    crtCoefficient < p &&
    (crtCoefficient * q) % p === 1n;
  if (!together) throw malformed(wrongNumbers);
}

/** The numbers of an RSAPublicKey (RFC 8017 appendix A.1.1). Throws KmipError `InvalidField`. */
export function readRsaPublicKey(der: Buffer): RsaPublicNumbers {
  const outer = new DerReader(der, "PKCS#1 public key");
  const reader = outer.enter(DerTag.Sequence);
  outer.end();
  const key = { modulus: reader.integer(), publicExponent: reader.integer() };
  reader.end();
  checkPublic(key);
  return key;
}

/** RSAPublicKey DER. */
export function writeRsaPublicKey({ modulus, publicExponent }: RsaPublicNumbers): Buffer {
  return element(DerTag.Sequence, integerElement(modulus), integerElement(publicExponent));
}

/**
 * The numbers of an RSAPrivateKey of two primes (RFC 8017 appendix A.1.2), checked to belong together.
 * Throws KmipError `InvalidField`.
 */
export function readRsaPrivateKey(der: Buffer): RsaPrivateNumbers {
  const outer = new DerReader(der, "PKCS#1 private key");
  const reader = outer.enter(DerTag.Sequence);
  outer.end();
  if (reader.integer() !== 0n) throw malformed("PKCS#1 private key of two primes");
  const key = {
    modulus: reader.integer(),
    publicExponent: reader.integer(),
    privateExponent: reader.integer(),
    p: reader.integer(),
    q: reader.integer(),
    primeExponentP: reader.integer(),
    primeExponentQ: reader.integer(),
    crtCoefficient: reader.integer(),
  };
  reader.end();
  checkPrivate(key);
  return key;
}

/** RSAPrivateKey DER. */
export function writeRsaPrivateKey(key: RsaPrivateNumbers): Buffer {
  return element(
    DerTag.Sequence,
    integerElement(0n),
    integerElement(key.modulus),
    integerElement(key.publicExponent),
    integerElement(key.privateExponent),
    integerElement(key.p),
    integerElement(key.q),
    integerElement(key.primeExponentP),
    integerElement(key.primeExponentQ),
    integerElement(key.crtCoefficient),
  );
}

/** The numbers of Transparent RSA Public Key (KMIP 2.1 §3.8). Throws KmipError `InvalidField`. */
export function publicNumbersOf({ modulus, publicExponent }: TransparentKeyMaterial): RsaPublicNumbers {
  if (modulus === undefined || publicExponent === undefined) throw malformed("Transparent RSA Public Key");
  checkPublic({ modulus, publicExponent });
  return { modulus, publicExponent };
}

/**
 * The numbers of Transparent RSA Private Key, of which a client may leave out those that follow from the others
 * (KMIP 2.1 §3.7). Throws KmipError `InvalidField` where they do not follow or contradict each other.
 */
export function privateNumbersOf(given: TransparentKeyMaterial): RsaPrivateNumbers {
  const { modulus } = given;
  if (modulus === undefined || bitLength(modulus) > longestModulus) throw malformed(wrongNumbers);
  const { p, q } = primesOf(modulus, given);
  // With the least common multiple the inverse is the smallest exponent, as keys in use have it.
  const order = ((p - 1n) / greatestCommonDivisor(p - 1n, q - 1n)) * (q - 1n);
  const publicExponent = given.publicExponent ?? exponentOf(given.privateExponent, order);
  const privateExponent = given.privateExponent ?? inverse(publicExponent, order);
  const key = {
    modulus,
    publicExponent,
    privateExponent,
    p,
    q,
    primeExponentP: given.primeExponentP ?? privateExponent % (p - 1n),
    primeExponentQ: given.primeExponentQ ?? privateExponent % (q - 1n),
    crtCoefficient: given.crtCoefficient ?? inverse(q, p),
  };
  checkPrivate(key);
  return key;
}

function exponentOf(privateExponent: bigint | undefined, order: bigint): bigint {
  return privateExponent === undefined ? usualExponent : inverse(privateExponent, order);
}

function primesOf(modulus: bigint, { p, q, privateExponent, publicExponent }: TransparentKeyMaterial) {
  const known = p ?? q;
  if (known !== undefined) {
    if (known < 3n || modulus % known !== 0n) throw malformed(wrongNumbers);
    return { p: p ?? modulus / known, q: q ?? modulus / known };
  }
  if (privateExponent === undefined) throw malformed("Transparent RSA Private Key: it has neither exponent nor primes");
  return recoverPrimes(modulus, privateExponent, publicExponent ?? usualExponent);
}

/** Finds the primes from both exponents (SP 800-56B appendix C.1, with small bases in place of random ones). */
function recoverPrimes(modulus: bigint, privateExponent: bigint, publicExponent: bigint): { p: bigint; q: bigint } {
  const multiple = privateExponent * publicExponent - 1n;
  const sensible = bitLength(modulus) <= longestRecovery && privateExponent < modulus && publicExponent < modulus;
  if (!sensible || multiple <= 0n || multiple % 2n !== 0n) throw malformed(wrongNumbers);
  let odd = multiple;
  while (odd % 2n === 0n) odd /= 2n;
  for (const base of [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n]) {
    const factor = factorBy(base, odd, multiple, modulus);
    if (factor !== undefined) {
      const other = modulus / factor;
      return factor > other ? { p: factor, q: other } : { p: other, q: factor };
    }
  }
  throw malformed(wrongNumbers);
}

function factorBy(base: bigint, odd: bigint, multiple: bigint, modulus: bigint): bigint | undefined {
  let root = power(base, odd, modulus);
  for (let exponent = odd; exponent < multiple; exponent *= 2n) {
    const square = (root * root) % modulus;
    if (square === 1n && root !== 1n && root !== modulus - 1n) return greatestCommonDivisor(root - 1n, modulus);
    root = square;
  }
  return undefined;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left % 2n === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** The inverse of a number; throws KmipError `InvalidField` where it has none. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [remainder, next] = [modulus, value % modulus];
  let [coefficient, following] = [0n, 1n];
  while (next > 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [coefficient, following] = [following, coefficient - quotient * following];
  }
  if (remainder !== 1n) throw malformed(wrongNumbers);
  return coefficient < 0n ? coefficient + modulus : coefficient;
}
