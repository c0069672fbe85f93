import { type EnumerationTable, enumerationName, enumerationValue, maskNames } from "../enums/index.js";
import { EncodingError, EncodingErrorCode } from "./error.js";

function badValue(what: string): never {
  throw new EncodingError(EncodingErrorCode.BadValue, what);
}

/** Checks that a number lies between two others, both allowed. */
export function inRange<T extends number | bigint>(value: T, low: T, high: T): T {
  return value >= low && value <= high ? value : badValue("A number does not fit its type");
}

export const signed32Range = [-(2 ** 31), 2 ** 31 - 1] as const;
export const unsigned32Range = [0, 2 ** 32 - 1] as const;
export const signed64Range = [-(2n ** 63n), 2n ** 63n - 1n] as const;

const hexadecimal = /^0x([0-9a-f]+)$/i;

/** The digits of a number written as hexadecimal after "0x"; undefined for another text. */
export function hexadecimalDigits(text: string): string | undefined {
  return hexadecimal.exec(text)?.[1];
}

/** A number of `bytes` bytes as hexadecimal digits, all of them, in two's complement. */
export function toHexadecimal(value: bigint, bytes: number): string {
  return BigInt.asUintN(8 * bytes, value)
    .toString(16)
    .padStart(2 * bytes, "0");
}

/** The number that digits of two's complement stand for, as wide as they are many. */
export function signedFromDigits(digits: string): bigint {
  if (digits.length === 0 || digits.length % 2 !== 0) badValue("A number must have whole bytes");
  return BigInt.asIntN(4 * digits.length, BigInt(`0x${digits}`));
}

const hexadecimalBytes = /^(?:[0-9a-f]{2})*$/i;

/** A Byte String written as pairs of hexadecimal digits. */
export function bytesFrom(text: string): Buffer {
  return hexadecimalBytes.test(text) ? Buffer.from(text, "hex") : badValue("A Byte String is hexadecimal");
}

/** An enumeration value as its name, or as eight hexadecimal digits after "0x" where it has none. */
export function enumerationText(table: EnumerationTable | undefined, value: number): string {
  const name = table === undefined ? undefined : enumerationName(table, value);
  return name ?? `0x${toHexadecimal(BigInt(value), 4)}`;
}

/** An enumeration value from its name or hexadecimal digits. */
export function enumerationFrom(table: EnumerationTable | undefined, text: string): number {
  const value = enumerationValue(table, text);
  if (value === undefined) {
    throw new EncodingError(EncodingErrorCode.UnknownName, `Not a value of ${table?.name ?? "a known enumeration"}`);
  }
  return value;
}

/** A mask as its names with a separator between them. */
export function maskText(table: EnumerationTable, mask: number, separator: string): string {
  return maskNames(table, mask).join(separator);
}

/** The longest text of a mask, in characters: it has 32 names at most. */
const longestMask = 4096;

/** A mask from names and hexadecimal numbers, separated by spaces or "|". Bit 31 makes the Integer negative. */
export function maskFrom(table: EnumerationTable | undefined, text: string): number {
  if (text.length > longestMask) badValue("A mask is longer than all its names");
  let mask = 0;
  for (const component of text.split(/[\s|]+/)) if (component !== "") mask |= enumerationFrom(table, component);
  return mask;
}
