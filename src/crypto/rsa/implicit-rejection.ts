import { createHmac } from "node:crypto";
import { chosen, isLess, isSame } from "#src/secrecy/branch-free.js";

/**
 * PKCS#1 v1.5 padding taken off so that nobody learns whether there was any (Bleichenbacher's attack): what has none opens
 * to bytes that are as good as random, the same for the same ciphertext, and of a length that varies as well. The bytes and
 * their length come from a secret of the ciphertext, as draft-irtf-cfrg-rsa-guidance makes them.
 */

/** What a ciphertext opens to. */
export interface Pkcs1Plaintext {
  /** The caller zeroes it. */
  readonly data: Buffer;
  /** The padding was wrong, and the data are nobody's. For counts and alarms only: whoever asked is not to notice. */
  readonly rejected: boolean;
}

/** Bytes of a padding at least: 0, 2, eight that are not 0, and 0 (RFC 8017 §7.2.1). */
const paddingLength = 11;

/** How many lengths are proposed; that none of them fits never happens. */
const proposals = 128;

/** Makes so many bytes of a secret; `label` says what for. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const bits = Buffer.alloc(2);
  bits.writeUInt16BE(length * 8);
  const blocks: Buffer[] = [];
  for (let block = 0, made = 0; made < length; block += 1) {
    const counter = Buffer.alloc(2);
    counter.writeUInt16BE(block);
    const digest = createHmac("sha256", secret).update(counter).update(label).update(bits).digest();
    blocks.push(digest);
    made += digest.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** A length in bytes from 0 to what fits the modulus: the last of those proposed that does. */
function proposedLength(secret: Buffer, modulusLength: number): number {
  const lengths = modulusLength - paddingLength + 1;
  const filled = 2 ** Math.ceil(Math.log2(lengths)) - 1;
  const bytes = expand(secret, "length", proposals * 2);
  let length = 0;
  for (let place = 0; place < bytes.length; place += 2) {
    const proposed = bytes.readUInt16BE(place) & filled;
    length = chosen(isLess(proposed, lengths), proposed, length);
  }
  return length;
}

/** Where the padding ends, and whether it is good; every byte is looked at, whatever the others are. */
function looked(encoded: Buffer): { readonly good: number; readonly length: number } {
  let good = isSame(encoded[0] ?? 1, 0) & isSame(encoded[1] ?? 0, 2);
  let searching = 1;
  let separator = 0;
  for (let place = 2; place < encoded.length; place += 1) {
    const found = searching & isSame(encoded[place] ?? 1, 0);
    separator |= -found & place;
    searching &= 1 ^ found;
  }
  good &= 1 ^ searching;
  good &= 1 ^ isLess(separator, paddingLength - 1);
  return { good, length: encoded.length - separator - 1 };
}

/**
 * Takes the padding off an encoded message of the length of the modulus, which is zeroed. `secret` (32 bytes) belongs to
 * the ciphertext and its key alone, and is zeroed too; `acceptable` is 0 where the ciphertext was no number below the
 * modulus. A message of another length than `expected` bytes counts as one with wrong padding; null takes any.
 */
export function openPkcs1(
  encoded: Buffer,
  secret: Buffer,
  { expected, acceptable }: { readonly expected: number | null; readonly acceptable: 0 | 1 },
): Pkcs1Plaintext {
  const substitute = expand(secret, "message", encoded.length);
  const proposed = proposedLength(secret, encoded.length);
  const { good: padded, length } = looked(encoded);
  const good = padded & acceptable & (expected === null ? 1 : isSame(length & 0xffff, expected));
  for (let place = 0; place < encoded.length; place += 1) {
    substitute[place] = chosen(good, encoded[place] ?? 0, substitute[place] ?? 0);
  }
  const taken = chosen(good, length & 0xffff, expected ?? proposed);
  const data = Buffer.from(substitute.subarray(encoded.length - taken));
  for (const bytes of [encoded, secret, substitute]) bytes.fill(0);
  return { data, rejected: good === 0 };
}
