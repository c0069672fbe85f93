import { timingSafeEqual } from "node:crypto";

/**
 * Whether two secrets, codes, tags or digests are the same bytes. Their lengths are compared first and are no secret; how
 * long the rest takes does not depend on where they differ. Nothing else compares such bytes (test/tidy.test.ts).
 */
export function sameSecret(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
