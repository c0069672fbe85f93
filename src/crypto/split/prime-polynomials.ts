import { bitLength, fromUnsigned, toUnsigned } from "../formats/der.js";
import { lagrange } from "./lagrange.js";
import type { Share, Sharing } from "./sharing.js";
import { inSlices } from "./slices.js";

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

/** What each share counts for in the value of the polynomial at a place. */
function weighing(prime: bigint, shares: readonly Share[]): (at: bigint) => readonly bigint[] {
  return lagrange(
    {
      one: 1n,
      multiply: (one, other) => modulo(one * other, prime),
      subtract: (one, other) => one - other,
      inverse: (value) => inverse(value, prime),
    },
    shares.map(({ part }) => BigInt(part)),
  );
}

/** The value of the polynomial through the shares at the place that the factors are for. */
async function interpolate(prime: bigint, shares: readonly Share[], factors: readonly bigint[]): Promise<bigint> {
  let sum = 0n;
  await inSlices(shares.length, multiplicationsOf(prime), (start, end) => {
    for (let which = start; which < end; which += 1) {
      sum += fromUnsigned(shares[which]?.value ?? Buffer.alloc(0)) * (factors[which] ?? 0n);
    }
    sum = modulo(sum, prime);
  });
  return sum;
}

/** What a multiplication modulo the prime takes, in multiplications of a field of small elements. */
function multiplicationsOf(prime: bigint): number {
  return Math.ceil(bitLength(prime) / 8);
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
    async split(secret, { parts, threshold }, random) {
      const whole = fromUnsigned(secret);
      const coefficients = Array.from({ length: threshold - 1 }, (_, index) =>
        modulo(fromUnsigned(random.subarray(index * (length + surplus), (index + 1) * (length + surplus))), prime),
      );
      random.fill(0);
      const values: Buffer[] = [];
      await inSlices(parts, threshold * multiplicationsOf(prime), (start, end) => {
        for (let index = start; index < end; index += 1) {
          const place = BigInt(index + 1);
          const high = coefficients.reduce((sum, coefficient) => modulo((sum + coefficient) * place, prime), 0n);
          values.push(toUnsigned(modulo(high + whole, prime), length));
        }
      });
      return values;
    },
    async join(shares, threshold) {
      const sufficient = shares.slice(0, threshold);
      if (sufficient.length < threshold || shares.some(({ value }) => fromUnsigned(value) >= prime)) return null;
      const factorsAt = weighing(prime, sufficient);
      for (const { part, value } of shares.slice(threshold)) {
        const expected = await interpolate(prime, sufficient, factorsAt(BigInt(part)));
        if (expected !== fromUnsigned(value)) return null;
      }
      return toUnsigned(await interpolate(prime, sufficient, factorsAt(0n)), length);
    },
  };
}
