/** Arithmetic on bytes and small numbers whose course does not depend on their values: no branch, no table. */

/** 1 where two numbers of 0 to 2^31 - 1 are the same, else 0. */
export function isSame(one: number, other: number): number {
  return ((one ^ other) - 1) >>> 31;
}

/** 1 where `one` is less than `other`, else 0; both are 0 to 2^31 - 1. */
export function isLess(one: number, other: number): number {
  return (one - other) >>> 31;
}

/** `one` where `choice` is 1, `other` where it is 0; both are 0 to 2^31 - 1. */
export function chosen(choice: number, one: number, other: number): number {
  return other ^ (-choice & (one ^ other));
}
