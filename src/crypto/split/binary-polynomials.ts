import { sameSecret } from "#src/secrecy/same-secret.js";
import type { BinaryField } from "./binary-field.js";
import { lagrange } from "./lagrange.js";
import { haveOneLength, type Share, type Sharing } from "./sharing.js";
import { inSlices } from "./slices.js";

function read({ elementLength }: BinaryField, bytes: Buffer, index: number): number {
  return bytes.readUIntBE(index * elementLength, elementLength);
}

function write({ elementLength }: BinaryField, bytes: Buffer, index: number, element: number): void {
  bytes.writeUIntBE(element, index * elementLength, elementLength);
}

/** What each share counts for in the values of the polynomials at a place. */
function weighing(field: BinaryField, shares: readonly Share[]): (at: number) => readonly number[] {
  const { multiply, inverse } = field;
  return lagrange(
    { one: 1, multiply, inverse, subtract: (one, other) => one ^ other },
    shares.map(({ part }) => part),
  );
}

/** The values of the polynomials through the shares at the place that the factors are for. */
async function interpolate(field: BinaryField, shares: readonly Share[], factors: readonly number[]): Promise<Buffer> {
  const values = Buffer.alloc(shares[0]?.value.length ?? 0);
  await inSlices(values.length / field.elementLength, shares.length, (start, end) => {
    for (let index = start; index < end; index += 1) {
      const sum = shares.reduce((all, { value }, which) => {
        return all ^ field.multiply(factors[which] ?? 0, read(field, value, index));
      }, 0);
      write(field, values, index, sum);
    }
  });
  return values;
}

/** The secret in whole elements: with zeros behind it where it has a byte too few. */
function filled({ elementLength }: BinaryField, secret: Buffer): Buffer {
  return Buffer.concat([secret, Buffer.alloc((elementLength - (secret.length % elementLength)) % elementLength)]);
}

/** The share of a part: for each element of the secret the value of its polynomial, of the highest coefficient first. */
async function evaluate(
  field: BinaryField,
  part: number,
  secret: Buffer,
  coefficients: readonly Buffer[],
): Promise<Buffer> {
  const value = Buffer.alloc(secret.length);
  await inSlices(secret.length / field.elementLength, coefficients.length, (start, end) => {
    for (let index = start; index < end; index += 1) {
      const high = coefficients.reduce(
        (sum, coefficient) => field.multiply(sum ^ read(field, coefficient, index), part),
        0,
      );
      write(field, value, index, high ^ read(field, secret, index));
    }
  });
  return value;
}

/** Whether shares lie on the polynomials that others make. */
async function agree(
  field: BinaryField,
  sufficient: readonly Share[],
  others: readonly Share[],
  factorsAt: (at: number) => readonly number[],
): Promise<boolean> {
  for (const { part, value } of others) {
    const expected = await interpolate(field, sufficient, factorsAt(part));
    const isSame = sameSecret(expected, value);
    expected.fill(0);
    if (!isSame) return false;
  }
  return true;
}

/** Polynomial sharing over GF(2^8) or GF(2^16), piece by piece (KMIP 2.1 §13.1). */
export function binaryPolynomials(field: BinaryField): Sharing {
  return {
    mostParts: 2 ** (8 * field.elementLength) - 1,
    longestSecret: undefined,
    randomLength: (secretLength, _parts, threshold) =>
      (secretLength + (secretLength % field.elementLength)) * (threshold - 1),
    async split(secret, { parts, threshold }, random) {
      const whole = filled(field, secret);
      const coefficients = Array.from({ length: threshold - 1 }, (_, index) =>
        random.subarray(index * whole.length, (index + 1) * whole.length),
      );
      const values: Buffer[] = [];
      for (let part = 1; part <= parts; part += 1) values.push(await evaluate(field, part, whole, coefficients));
      random.fill(0);
      whole.fill(0);
      return values;
    },
    async join(shares, threshold) {
      const sufficient = shares.slice(0, threshold);
      const whole = (sufficient[0]?.value.length ?? 0) % field.elementLength === 0;
      if (sufficient.length < threshold || !haveOneLength(shares) || !whole) return null;
      const factorsAt = weighing(field, sufficient);
      const others = shares.slice(threshold);
      if (!(await agree(field, sufficient, others, factorsAt))) return null;
      return interpolate(field, sufficient, factorsAt(0));
    },
  };
}
