import { KmipError } from "#src/objects/kmip-error.js";

/** Identifier octets of the DER elements that key encodings are made of (X.690 §8.1.2). */
export const DerTag = {
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  ObjectIdentifier: 0x06,
  Sequence: 0x30,
  Context0: 0xa0,
  Context1: 0xa1,
} as const;

/** The error for key material that is not what its Key Format Type says. */
export function malformed(what: string): KmipError {
  return new KmipError("InvalidField", `the Key Material is no ${what}`);
}

/** Reads DER element by element, strictly: definite lengths in their shortest form, nothing left over. */
export class DerReader {
  private rest: Buffer;
  private readonly what: string;

  /** `what` names the encoding in errors: "PKCS#8 private key". */
  constructor(bytes: Buffer, what: string) {
    this.rest = bytes;
    this.what = what;
  }

  /** Whether another element with this identifier comes next. */
  isNext(tag: number): boolean {
    return this.rest[0] === tag;
  }

  /** The content of the next element, sharing memory. Throws KmipError `InvalidField` where it has another identifier. */
  take(tag: number): Buffer {
    const [identifier, first] = this.rest;
    if (identifier !== tag || first === undefined) throw malformed(this.what);
    const lengthOctets = first < 0x80 ? 0 : first - 0x80;
    if (lengthOctets > 4 || first === 0x80 || this.rest.length < 2 + lengthOctets) throw malformed(this.what);
    const length = lengthOctets === 0 ? first : this.rest.readUIntBE(2, lengthOctets);
    const shortest = lengthOctets === 0 || length >= Math.max(0x80, 2 ** (8 * (lengthOctets - 1)));
    const start = 2 + lengthOctets;
    if (!shortest || this.rest.length < start + length) throw malformed(this.what);
    const content = this.rest.subarray(start, start + length);
    this.rest = this.rest.subarray(start + length);
    return content;
  }

  /** A reader of the content of the next element. */
  enter(tag: number): DerReader {
    return new DerReader(this.take(tag), this.what);
  }

  /** The next element as an INTEGER of zero or above. */
  integer(): bigint {
    const content = this.take(DerTag.Integer);
    const [first, second] = content;
    if (first === undefined || first >= 0x80) throw malformed(this.what);
    if (first === 0 && second !== undefined && second < 0x80) throw malformed(this.what);
    return fromUnsigned(content);
  }

  /** The content of the next element as a BIT STRING of whole bytes. */
  bits(): Buffer {
    const content = this.take(DerTag.BitString);
    if (content[0] !== 0) throw malformed(this.what);
    return content.subarray(1);
  }

  /** Throws KmipError `InvalidField` where anything is left. */
  end(): void {
    if (this.rest.length > 0) throw malformed(this.what);
  }
}

function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  const octets = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const bytes = Buffer.alloc(2 + octets);
  bytes[0] = tag;
  bytes[1] = 0x80 + octets;
  bytes.writeUIntBE(length, 2, octets);
  return bytes;
}

/** An element around its parts, up to 16 MiB. The parts are zeroed: they may be key material that lives on in here. */
export function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const written = Buffer.concat([header(tag, length), ...parts]);
  for (const part of parts) part.fill(0);
  return written;
}

/** An INTEGER of zero or above. */
export function integerElement(value: bigint): Buffer {
  const bytes = toUnsigned(value);
  return (bytes[0] ?? 0) < 0x80 && bytes.length > 0
    ? element(DerTag.Integer, bytes)
    : element(DerTag.Integer, Buffer.alloc(1), bytes);
}

/** An OBJECT IDENTIFIER from its content octets in hexadecimal. */
export function identifierElement(hexadecimal: string): Buffer {
  return element(DerTag.ObjectIdentifier, Buffer.from(hexadecimal, "hex"));
}

const wordBits = 64n;
const wordMask = 2n ** wordBits - 1n;

/** The number that big-endian bytes stand for. */
export function fromUnsigned(bytes: Buffer): bigint {
  const odd = bytes.length % 8;
  let value = 0n;
  for (const byte of bytes.subarray(0, odd)) value = (value << 8n) | BigInt(byte);
  for (let place = odd; place < bytes.length; place += 8) {
    value = (value << wordBits) | bytes.readBigUInt64BE(place);
  }
  return value;
}

/**
 * A number of zero or above as big-endian bytes: as few as hold it, or exactly `length`.
 * Throws RangeError where they do not hold it.
 */
export function toUnsigned(value: bigint, length = Math.ceil(bitLength(value) / 8)): Buffer {
  if (bitLength(value) > length * 8) throw new RangeError("the number does not fit");
  const padded = Buffer.alloc(Math.ceil(length / 8) * 8);
  let left = value;
  for (let place = padded.length - 8; place >= 0; place -= 8) {
    padded.writeBigUInt64BE(left & wordMask, place);
    left >>= wordBits;
  }
  return padded.subarray(padded.length - length);
}

/** How many bits a number of zero or above has; 0 for zero. */
export function bitLength(value: bigint): number {
  let words = 0;
  let left = value;
  while (left > wordMask) {
    left >>= wordBits;
    words += 1;
  }
  let bits = 0;
  while (left > 0n) {
    left >>= 1n;
    bits += 1;
  }
  return words * Number(wordBits) + bits;
}
