const wordBits = 64n;
const wordMask = (1n << wordBits) - 1n;
const wordBytes = 8;

/** Bytes of the longest number that may be of a key; what is longer goes by digits, which takes no time that grows as its square. */
const longestOfKeys = 4096;
const beyondKeys = BigInt(8 * longestOfKeys);

/**
 * Signed numbers in two's complement (KMIP 2.1 §9.1.1.4), word by word: digits as text, which cannot be zeroed, would leave
 * those of private keys in memory.
 */

/** Bytes of a Big Integer's value: the fewest that hold it with its sign, rounded up to a multiple of eight. */
export function bigIntegerLength(value: bigint): number {
  const magnitude = value < 0n ? -value - 1n : value;
  if (magnitude >> beyondKeys !== 0n) return lengthByDigits(magnitude);
  let words = 1;
  for (let left = magnitude; left >> (wordBits - 1n) !== 0n; left >>= wordBits) words += 1;
  return words * wordBytes;
}

function lengthByDigits(magnitude: bigint): number {
  const digits = magnitude.toString(16);
  const bits = 4 * (digits.length - 1) + (32 - Math.clz32(Number.parseInt(digits.charAt(0), 16)));
  return (Math.floor(bits / (8 * wordBytes)) + 1) * wordBytes;
}

/** The number in the bytes of a buffer, of which there are a multiple of eight. */
export function readBigInteger(buffer: Buffer, offset: number, length: number): bigint {
  if (length > longestOfKeys) {
    const unsigned = BigInt(`0x${buffer.toString("hex", offset, offset + length)}`);
    return (buffer[offset] ?? 0) < 0x80 ? unsigned : unsigned - (1n << BigInt(8 * length));
  }
  let value = buffer.readBigInt64BE(offset);
  for (let place = wordBytes; place < length; place += wordBytes) {
    value = (value << wordBits) | buffer.readBigUInt64BE(offset + place);
  }
  return value;
}

/** Writes a number into so many bytes of a buffer, a multiple of eight that holds it. */
export function writeBigInteger(value: bigint, buffer: Buffer, offset: number, length: number): void {
  if (length > longestOfKeys) {
    const unsigned = value < 0n ? value + (1n << BigInt(8 * length)) : value;
    buffer.write(unsigned.toString(16).padStart(2 * length, "0"), offset, "hex");
    return;
  }
  let left = value;
  for (let place = length - wordBytes; place >= 0; place -= wordBytes) {
    buffer.writeBigUInt64BE(left & wordMask, offset + place);
    left >>= wordBits;
  }
}
