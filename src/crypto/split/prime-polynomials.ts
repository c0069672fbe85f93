import { bitLength, fromUnsigned, toUnsigned } from "../formats/der.js";
import type { Share, Sharing } from "./sharing.js";

/** Random bytes of a coefficient beyond those of the prime: what is left of the division shows no bias (SP 800-56A §5.6.1.2.1). */
const surplus = 8;

function modulo(value: bigint, prime: bigint): bigint {
  const rest = value % prime;
  return rest < 0n ? rest + prime : rest;
}

/** The inverse of a number that is no multiple of the prime. */
function inverse(value: bigint, prime: bigint): bigint {
  let [remainder, next] = [prime, modulo(value, prime)];
  let [coefficient, following] = [0n, 1n];
  while (next > 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [coefficient, following] = [following, coefficient - quotient * following];
  }
  return modulo(coefficient, prime);
}

/** The value of the polynomial through the shares at a place (Lagrange). */
function interpolate(prime: bigint, shares: readonly Share[], at: bigint): bigint {
  const sum = shares.reduce((all, { part, value }) => {
    const others = shares.filter((other) => other.part !== part).map((other) => BigInt(other.part));
    const above = others.reduce((product, other) => modulo(product * (at - other), prime), 1n);
    const below = others.reduce((product, other) => modulo(product * (BigInt(part) - other), prime), 1n);
    return all + fromUnsigned(value) * modulo(above * inverse(below, prime), prime);
  }, 0n);
  return modulo(sum, prime);
}

/**
 * Polynomial sharing over the integers modulo a prime, the Prime Field Size, which is bigger than every secret of the
 * length (KMIP 2.1 §13.1). Parts have as many bytes as the prime. The caller has made sure that it is a prime.
 */
export function primePolynomials(prime: bigint): Sharing {
  const length = Math.ceil(bitLength(prime) / 8);
  return {
    mostParts: Number(prime > 0x7fff_ffffn ? 0x7fff_ffffn : prime - 1n),
    longestSecret: Math.floor((bitLength(prime) - 1) / 8),
    randomLength: (_secretLength, _parts, threshold) => (length + surplus) * (threshold - 1),
    split(secret, { parts, threshold }, random) {
      const whole = fromUnsigned(secret);
      const coefficients = Array.from({ length: threshold - 1 }, (_, index) =>
        modulo(fromUnsigned(random.subarray(index * (length + surplus), (index + 1) * (length + surplus))), prime),
      );
      random.fill(0);
      return Array.from({ length: parts }, (_, index) => {
        const place = BigInt(index + 1);
        const high = coefficients.reduce((sum, coefficient) => modulo((sum + coefficient) * place, prime), 0n);
        return toUnsigned(modulo(high + whole, prime), length);
      });
    },
    join(shares, threshold) {
      const sufficient = shares.slice(0, threshold);
      if (sufficient.length < threshold || shares.some(({ value }) => fromUnsigned(value) >= prime)) return null;
      const agree = shares
        .slice(threshold)
        .every(({ part, value }) => interpolate(prime, sufficient, BigInt(part)) === fromUnsigned(value));
      return agree ? toUnsigned(interpolate(prime, sufficient, 0n), length) : null;
    },
  };
}
