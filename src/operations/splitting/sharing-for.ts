import { checkPrime } from "node:crypto";
import { promisify } from "node:util";
import { SplitKeyMethod } from "#protocol/enums/index.js";
import type { SplitKeyFacts } from "#protocol/structures/managed-objects.js";
import { type ProtocolVersion, V2_0 } from "#protocol/versions.js";
import { bitLength } from "#src/crypto/formats/der.js";
import { bytesField, pairsField, type Reduction } from "#src/crypto/split/binary-field.js";
import { binaryPolynomials } from "#src/crypto/split/binary-polynomials.js";
import { exclusiveOr } from "#src/crypto/split/exclusive-or.js";
import { primePolynomials } from "#src/crypto/split/prime-polynomials.js";
import type { Sharing } from "#src/crypto/split/sharing.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** How a secret is split: what a request or a part says of it. */
export type Splitting = Omit<SplitKeyFacts, "keyPartIdentifier">;

const isPrime = promisify(checkPrime) as (candidate: bigint) => Promise<boolean>;

/** The longest Prime Field Size in bits: to see that it is a prime takes time. */
const longestPrime = 4096;

/** The most parts of one key: each of them is an object. */
export const mostParts = 255;

/** The most multiplications of one request: they take some tenths of a second. */
const mostWork = 4_000_000;

/**
 * The polynomial of GF(2^8) under GF(2^16): the specifications before 2.0 name another one than those from 2.0 on
 * (KMIP 1.4 §2.2.5, 2.1 §13.1). Undefined for methods that all versions do alike.
 */
export function reductionFor(splitKeyMethod: number, version: ProtocolVersion): Reduction | undefined {
  if (splitKeyMethod !== SplitKeyMethod.PolynomialSharingGF2_16) return undefined;
  return version < V2_0 ? 283 : 285;
}

/** Throws KmipError where the numbers of parts contradict each other or the method. */
export function checkCounts({ splitKeyParts, splitKeyThreshold, splitKeyMethod }: Splitting, sharing: Sharing): void {
  if (splitKeyThreshold < 1 || splitKeyParts < splitKeyThreshold) {
    throw new KmipError("InvalidField", "the Split Key Threshold lies outside 1 to Split Key Parts");
  }
  if (splitKeyMethod === SplitKeyMethod.XOR && splitKeyThreshold !== splitKeyParts) {
    throw new KmipError(
      "BadCryptographicParameters",
      "with XOR all parts are needed: the Split Key Threshold is Split Key Parts",
    );
  }
  if (splitKeyParts > sharing.mostParts) {
    throw new KmipError("BadCryptographicParameters", "the field has fewer elements than parts");
  }
  if (splitKeyParts > mostParts)
    throw new KmipError("ServerLimitExceeded", `a key has at most ${mostParts} parts here`);
}

/** Throws KmipError where splitting or joining would take too long. */
export function checkWork(parts: number, threshold: number, length: number): void {
  if (parts * threshold * length <= mostWork) return;
  throw new KmipError("ServerLimitExceeded", "so long a key is not split into so many parts here");
}

/** The arithmetic of a Split Key Method. Throws KmipError for an unknown one, and for a Prime Field Size that is no prime. */
export async function sharingFor(splitting: Splitting, reduction: Reduction | undefined): Promise<Sharing> {
  switch (splitting.splitKeyMethod) {
    case SplitKeyMethod.XOR:
      return exclusiveOr;
    case SplitKeyMethod.PolynomialSharingGF2_8:
      return binaryPolynomials(bytesField(285));
    case SplitKeyMethod.PolynomialSharingGF2_16:
      return binaryPolynomials(pairsField(reduction ?? 285));
    case SplitKeyMethod.PolynomialSharingPrimeField:
      return primePolynomials(await checkedPrime(splitting.primeFieldSize));
    default:
      throw new KmipError("UnsupportedCryptographicParameters", "this Split Key Method is not supported");
  }
}

async function checkedPrime(size: bigint | undefined): Promise<bigint> {
  if (size === undefined)
    throw new KmipError("BadCryptographicParameters", "this Split Key Method needs a Prime Field Size");
  if (size < 3n) throw new KmipError("BadCryptographicParameters", "the Prime Field Size is no prime");
  if (bitLength(size) > longestPrime) {
    throw new KmipError("ServerLimitExceeded", `the Prime Field Size has at most ${longestPrime} bits here`);
  }
  if (!(await isPrime(size))) throw new KmipError("BadCryptographicParameters", "the Prime Field Size is no prime");
  return size;
}
