import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";

/** Hash functions of the key derivation of PKCS#12, with the bytes they take at once. */
export const pkcs12Hashes = {
  sha1: 64,
  sha256: 64,
  sha384: 128,
  sha512: 128,
} as const;

/** One of them. */
export type Pkcs12Hash = keyof typeof pkcs12Hashes;

/** What a key is for (RFC 7292 appendix B.3). */
export const pkcs12Purpose = { encryption: 1, initializationVector: 2, authentication: 3 } as const;

/** A password as PKCS#12 takes it: BMPString with two zero bytes behind it. The caller zeroes it. */
export function pkcs12Password(password: string): Buffer {
  return Buffer.from(`${password}\0`, "utf16le").swap16();
}

/** As much of the bytes, again and again, as fills whole blocks; nothing stays nothing. */
function repeated(bytes: Buffer, block: number): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** Adds a number and one to each block of the bytes, in place (RFC 7292 appendix B.2, step 6.C). */
function addToBlocks(bytes: Buffer, addend: Buffer): void {
  for (let start = 0; start < bytes.length; start += addend.length) {
    let carry = 1;
    for (let place = addend.length - 1; place >= 0; place -= 1) {
      const sum = (bytes[start + place] ?? 0) + (addend[place] ?? 0) + carry;
      bytes[start + place] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}

/** Rounds that are done at once, between which others have their turn: a few milliseconds. */
const roundsAtOnce = 1000;

/** The key derivation of PKCS#12 (RFC 7292 appendix B.2). `password` is as pkcs12Password gives it. */
export async function derivePkcs12Key(
  password: Buffer,
  derivation: {
    readonly hash: Pkcs12Hash;
    readonly salt: Buffer;
    readonly iterations: number;
    readonly purpose: number;
    readonly length: number;
  },
): Promise<Buffer> {
  const block = pkcs12Hashes[derivation.hash];
  const diversifier = Buffer.alloc(block, derivation.purpose);
  const input = Buffer.concat([repeated(derivation.salt, block), repeated(password, block)]);
  const pieces: Buffer[] = [];
  for (let made = 0; made < derivation.length; ) {
    let digest = createHash(derivation.hash).update(diversifier).update(input).digest();
    for (let round = 1; round < derivation.iterations; round += 1) {
      digest = createHash(derivation.hash).update(digest).digest();
      if (round % roundsAtOnce === 0) await setImmediate();
    }
    pieces.push(digest);
    made += digest.length;
    addToBlocks(input, Buffer.alloc(block, digest));
  }
  input.fill(0);
  const key = Buffer.concat(pieces);
  for (const piece of pieces) piece.fill(0);
  return key.subarray(0, derivation.length);
}
