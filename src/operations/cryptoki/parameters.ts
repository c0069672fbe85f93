import { KmipError } from "#src/objects/kmip-error.js";

/** The error for parameters that are not encoded as the profile says (KMIP 2.1 §11.48, PKCS#11 Codec Error). */
export function codecError(message: string): KmipError {
  return new KmipError("PKCS_11CodecError", message);
}

/** Numbers above this name nothing this server gave out; they read as this one. */
const largestNumber = BigInt(Number.MAX_SAFE_INTEGER);

/** Where the client has room for the answer. */
export interface OutputRoom {
  /** Whether the client gave a buffer; otherwise it asks for the length alone. */
  readonly wanted: boolean;
  /** How much fits, in bytes or elements. */
  readonly length: number;
}

/**
 * Reads the parameters of a PKCS#11 function (KMIP Profiles 2.1, PKCS#11 Encoding): CK_BYTE is one byte, CK_ULONG eight,
 * big-endian; a count or length has four bytes and stands before what it counts. Throws KmipError `PKCS_11CodecError`.
 */
export class ParameterReader {
  private readonly bytes: Buffer;
  private position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  /** So many bytes, sharing memory with the message. */
  take(length: number): Buffer {
    if (length > this.left) throw codecError("the input parameters end too early");
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** CK_BYTE. */
  byte(): number {
    return this.take(1).readUInt8();
  }

  /** CK_BBOOL: 0 or 1. */
  boolean(): boolean {
    const value = this.byte();
    if (value > 1) throw codecError("a Boolean is neither 0 nor 1");
    return value === 1;
  }

  /** CK_ULONG whole, for handles. */
  handle(): bigint {
    return this.take(8).readBigUInt64BE();
  }

  /** CK_ULONG as a number. */
  ulong(): number {
    const value = this.handle();
    return Number(value > largestNumber ? largestNumber : value);
  }

  /** A count or length. */
  length(): number {
    return this.take(4).readUInt32BE();
  }

  /** Bytes with their length before them. */
  counted(): Buffer {
    return this.take(this.length());
  }

  /** A buffer for the answer: whether there is one, and how much it holds. */
  room(): OutputRoom {
    return { wanted: this.boolean(), length: this.length() };
  }

  /** Passes over what some clients write for pointers that are NULL. */
  skipNullPointers(): void {
    if (this.take(this.left).some((byte) => byte !== 0)) throw codecError("pointers are not passed to the server");
  }

  /** Throws where anything is left. */
  end(): void {
    if (this.left > 0) throw codecError("there are more input parameters than the function has");
  }
}

/** Writes the parameters a function gives back, in the same encoding. */
export class ParameterWriter {
  private readonly parts: Buffer[] = [];

  bytes(value: Buffer): this {
    this.parts.push(value);
    return this;
  }

  byte(value: number): this {
    return this.bytes(Buffer.from([value]));
  }

  boolean(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  ulong(value: number | bigint): this {
    const written = Buffer.alloc(8);
    written.writeBigUInt64BE(BigInt(value));
    return this.bytes(written);
  }

  length(value: number): this {
    const written = Buffer.alloc(4);
    written.writeUInt32BE(value);
    return this.bytes(written);
  }

  /** Bytes with their length before them. */
  counted(value: Buffer): this {
    return this.length(value.length).bytes(value);
  }

  /** Text in so many bytes, filled up with spaces; what is longer is cut between characters. */
  padded(text: string, size: number): this {
    const field = Buffer.alloc(size, " ");
    let end = 0;
    for (const character of text) {
      const length = Buffer.byteLength(character);
      if (end + length > size) break;
      field.write(character, end);
      end += length;
    }
    return this.bytes(field);
  }

  /** CK_VERSION of "3.12"; what does not fit in a byte is written as 255. */
  version(text: string): this {
    const [major = 0, minor = 0] = text.split(".").map((part) => Number.parseInt(part, 10) || 0);
    return this.byte(Math.min(major, 255)).byte(Math.min(minor, 255));
  }

  done(): Buffer {
    return Buffer.concat(this.parts);
  }
}
