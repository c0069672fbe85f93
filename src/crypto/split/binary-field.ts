/**
 * Arithmetic in the fields of secret sharing (KMIP 2.1 §13.1), without tables and branches that depend on values: how long
 * it takes tells nothing of a secret. Elements are numbers; addition and subtraction are both exclusive or.
 */
export interface BinaryField {
  /** Bytes of an element; an element of two bytes (u, v) stands for uy + v. */
  readonly elementLength: 1 | 2;
  multiply(one: number, other: number): number;
  /** The inverse of an element; 0 for 0. */
  inverse(element: number): number;
}

/**
 * The polynomial modulo which GF(2^8) is taken: x^8+x^4+x^3+x^2+1 (285), or x^8+x^4+x^3+x+1 (283), which is FIPS 197's and
 * stands in the specifications before 2.0.
 */
export type Reduction = 283 | 285;

/** The element m of GF(2^8) in y^2+y+m, by which GF(2^16) extends it: x^5+x^4+x^3+x. */
const extension = 0x3a;

function multiplyBytes(one: number, other: number, reduction: Reduction): number {
  let product = 0;
  let multiple = one;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= multiple & -((other >>> bit) & 1);
    multiple = (multiple << 1) ^ (reduction & -(multiple >>> 7));
  }
  return product;
}

/** The inverse as a power: the element to the 254th (FIPS 197 §4.2). */
function invertByte(element: number, reduction: Reduction): number {
  let square = element;
  let product = 1;
  for (let step = 0; step < 7; step += 1) {
    square = multiplyBytes(square, square, reduction);
    product = multiplyBytes(product, square, reduction);
  }
  return product;
}

/** GF(2^8). */
export function bytesField(reduction: Reduction): BinaryField {
  return {
    elementLength: 1,
    multiply: (one, other) => multiplyBytes(one, other, reduction),
    inverse: (element) => invertByte(element, reduction),
  };
}

/** GF(2^16) as an extension of GF(2^8). */
export function pairsField(reduction: Reduction): BinaryField {
  const multiply = (one: number, other: number): number => multiplyBytes(one, other, reduction);
  return {
    elementLength: 2,
    multiply(one, other) {
      const [r, s, u, v] = [one >>> 8, one & 0xff, other >>> 8, other & 0xff];
      const sv = multiply(s, v);
      const high = multiply(r ^ s, u ^ v) ^ sv;
      const low = multiply(multiply(r, u), extension) ^ sv;
      return (high << 8) | low;
    },
    inverse(element) {
      const [u, v] = [element >>> 8, element & 0xff];
      const divisor = multiply(u ^ v, v) ^ multiply(extension, multiply(u, u));
      const inverted = invertByte(divisor, reduction);
      return (multiply(u, inverted) << 8) | multiply(u ^ v, inverted);
    },
  };
}
