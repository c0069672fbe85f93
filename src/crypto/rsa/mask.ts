import { createHash } from "node:crypto";
import type { HashName } from "../port.js";

/** MGF1 (RFC 8017 appendix B.2.1): a mask of so many bytes. */
export function mask(hash: HashName, seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let made = 0, block = 0; made < length; block += 1) {
    counter.writeUInt32BE(block);
    const digest = createHash(hash).update(seed).update(counter).digest();
    blocks.push(digest);
    made += digest.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** Puts a mask over bytes, in place. */
export function applyMask(bytes: Buffer, over: Buffer): void {
  for (let place = 0; place < bytes.length; place += 1) bytes[place] = (bytes[place] ?? 0) ^ (over[place] ?? 0);
}
