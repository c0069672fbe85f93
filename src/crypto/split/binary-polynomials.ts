import type { BinaryField } from "./binary-field.js";
import { haveOneLength, type Share, type Sharing } from "./sharing.js";

function read({ elementLength }: BinaryField, bytes: Buffer, index: number): number {
  return bytes.readUIntBE(index * elementLength, elementLength);
}

function write({ elementLength }: BinaryField, bytes: Buffer, index: number, element: number): void {
  bytes.writeUIntBE(element, index * elementLength, elementLength);
}

/** What each share counts for in the value of the polynomial at a place (Lagrange). The places are no secret. */
function weights(field: BinaryField, places: readonly number[], at: number): readonly number[] {
  return places.map((place) =>
    places
      .filter((other) => other !== place)
      .reduce((product, other) => field.multiply(product, field.multiply(at ^ other, field.inverse(place ^ other))), 1),
  );
}

/** The values of the polynomials through the shares at a place. */
function interpolate(field: BinaryField, shares: readonly Share[], at: number): Buffer {
  const factors = weights(
    field,
    shares.map(({ part }) => part),
    at,
  );
  const values = Buffer.alloc(shares[0]?.value.length ?? 0);
  for (let index = 0; index < values.length / field.elementLength; index += 1) {
    const sum = shares.reduce((all, { value }, which) => {
      return all ^ field.multiply(factors[which] ?? 0, read(field, value, index));
    }, 0);
    write(field, values, index, sum);
  }
  return values;
}

/** The secret in whole elements: with zeros behind it where it has a byte too few. */
function filled({ elementLength }: BinaryField, secret: Buffer): Buffer {
  return Buffer.concat([secret, Buffer.alloc((elementLength - (secret.length % elementLength)) % elementLength)]);
}

/** The share of a part: for each element of the secret the value of its polynomial, of the highest coefficient first. */
function evaluate(field: BinaryField, part: number, secret: Buffer, coefficients: readonly Buffer[]): Buffer {
  const value = Buffer.alloc(secret.length);
  for (let index = 0; index < secret.length / field.elementLength; index += 1) {
    const high = coefficients.reduce(
      (sum, coefficient) => field.multiply(sum ^ read(field, coefficient, index), part),
      0,
    );
    write(field, value, index, high ^ read(field, secret, index));
  }
  return value;
}

/** Polynomial sharing over GF(2^8) or GF(2^16), piece by piece (KMIP 2.1 §13.1). */
export function binaryPolynomials(field: BinaryField): Sharing {
  return {
    mostParts: 2 ** (8 * field.elementLength) - 1,
    longestSecret: undefined,
    randomLength: (secretLength, _parts, threshold) =>
      (secretLength + (secretLength % field.elementLength)) * (threshold - 1),
    split(secret, { parts, threshold }, random) {
      const whole = filled(field, secret);
      const coefficients = Array.from({ length: threshold - 1 }, (_, index) =>
        random.subarray(index * whole.length, (index + 1) * whole.length),
      );
      const values = Array.from({ length: parts }, (_, index) => evaluate(field, index + 1, whole, coefficients));
      random.fill(0);
      whole.fill(0);
      return values;
    },
    join(shares, threshold) {
      const sufficient = shares.slice(0, threshold);
      const whole = (sufficient[0]?.value.length ?? 0) % field.elementLength === 0;
      if (sufficient.length < threshold || !haveOneLength(shares) || !whole) return null;
      const agree = shares
        .slice(threshold)
        .every(({ part, value }) => interpolate(field, sufficient, part).equals(value));
      return agree ? interpolate(field, sufficient, 0) : null;
    },
  };
}
