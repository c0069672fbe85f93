import { createHash } from "node:crypto";
import { isSame } from "#src/secrecy/branch-free.js";
import type { CipherSpecification } from "../port.js";
import { applyMask, mask } from "./mask.js";

/** OAEP with its parameters. */
export type Oaep = Extract<CipherSpecification, { name: "rsa-oaep" }>;

function labelHash({ hash, label }: Oaep): Buffer {
  return createHash(hash).update(label).digest();
}

/** The longest message in bytes for a modulus of so many bytes (RFC 8017 §7.1.1). */
export function longestMessage(oaep: Oaep, modulusLength: number): number {
  return modulusLength - 2 * labelHash(oaep).length - 2;
}

/**
 * EME-OAEP encoding (RFC 8017 §7.1.1, step 2). The seed is random and has the length of a digest.
 * The message is at most `longestMessage` bytes.
 */
export function encodeOaep(oaep: Oaep, message: Buffer, seed: Buffer, modulusLength: number): Buffer {
  const expected = labelHash(oaep);
  const encoded = Buffer.alloc(modulusLength);
  const maskedSeed = encoded.subarray(1, 1 + expected.length);
  const block = encoded.subarray(1 + expected.length);
  expected.copy(block);
  block[block.length - message.length - 1] = 1;
  message.copy(block, block.length - message.length);
  applyMask(block, mask(oaep.maskHash, seed, block.length));
  seed.copy(maskedSeed);
  applyMask(maskedSeed, mask(oaep.maskHash, block, maskedSeed.length));
  return encoded;
}

/**
 * EME-OAEP decoding (RFC 8017 §7.1.2, step 3): the message, or null. What is wrong shows neither in the answer nor in
 * a branch taken early (Manger's attack). The encoded message is zeroed.
 */
export function decodeOaep(oaep: Oaep, encoded: Buffer): Buffer | null {
  const expected = labelHash(oaep);
  if (encoded.length < 2 * expected.length + 2) return null;
  const seed = encoded.subarray(1, 1 + expected.length);
  const block = encoded.subarray(1 + expected.length);
  applyMask(seed, mask(oaep.maskHash, block, seed.length));
  applyMask(block, mask(oaep.maskHash, seed, block.length));
  let good = isSame(encoded[0] ?? 0, 0);
  for (let place = 0; place < expected.length; place += 1) {
    good &= isSame(block[place] ?? 0, expected[place] ?? 0);
  }
  let searching = 1;
  let start = 0;
  for (let place = expected.length; place < block.length; place += 1) {
    const byte = block[place] ?? 0;
    const separator = searching & isSame(byte, 1);
    start |= -separator & (place + 1);
    good &= 1 ^ (searching & (1 ^ separator) & (1 ^ isSame(byte, 0)));
    searching &= 1 ^ separator;
  }
  good &= 1 ^ searching;
  const message = good === 1 ? Buffer.from(block.subarray(start)) : null;
  encoded.fill(0);
  return message;
}
