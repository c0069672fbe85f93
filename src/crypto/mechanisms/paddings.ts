import { randomBytes } from "node:crypto";
import { PaddingMethod } from "#protocol/enums/index.js";
import { CryptoError } from "../port.js";

/** How data are filled up to whole blocks. */
export interface BlockPadding {
  /** The bytes that stand behind data of which `over` bytes are beyond a block boundary. */
  fill(over: number, blockLength: number): Buffer;
  /** How many of the bytes at the end of the decrypted last block are padding; undefined where it is wrong. */
  count(block: Buffer): number | undefined;
}

function missing(over: number, blockLength: number): number {
  return blockLength - over;
}

/** The last byte counts the padding, itself included. */
function counted(between: (count: number) => Buffer, isGood: (block: Buffer, count: number) => boolean): BlockPadding {
  return {
    fill: (over, blockLength) => {
      const count = missing(over, blockLength);
      return Buffer.concat([between(count - 1), Buffer.from([count])]);
    },
    count: (block) => {
      const count = block.at(-1) ?? 0;
      const inRange = count >= 1 && count <= block.length;
      return isGood(block, inRange ? count : 1) && inRange ? count : undefined;
    },
  };
}

/** Whether all padding bytes but the last are `expected`, looked at without a branch. */
function filledWith(block: Buffer, count: number, expected: number): boolean {
  let wrong = 0;
  for (let place = 2; place <= block.length; place += 1) {
    const inPadding = place <= count ? 0xff : 0;
    wrong |= ((block.at(-place) ?? 0) ^ expected) & inPadding;
  }
  return wrong === 0;
}

/** PKCS#5 (RFC 8018 §6.1.1), for blocks of any length. */
export const pkcs5: BlockPadding = counted(
  (length) => Buffer.alloc(length, length + 1),
  (block, count) => filledWith(block, count, count),
);

const ansiX9_23 = counted(
  (length) => Buffer.alloc(length),
  (block, count) => filledWith(block, count, 0),
);

const iso10126 = counted(
  (length) => randomBytes(length),
  () => true,
);

/** Zeros up to the next block boundary, none where the data end on one; data that end in zeros lose them. */
const zeros: BlockPadding = {
  fill: (over, blockLength) => Buffer.alloc(over === 0 ? 0 : missing(over, blockLength)),
  count: (block) => {
    let count = 0;
    while (count < block.length && block.at(-1 - count) === 0) count += 1;
    return count;
  },
};

/** Paddings of whole blocks by Padding Method; null for none (KMIP 2.1 §11.37). */
export const blockPaddings: ReadonlyMap<number, BlockPadding | null> = new Map<number, BlockPadding | null>([
  [PaddingMethod.None, null],
  [PaddingMethod.PKCS5, pkcs5],
  [PaddingMethod.Zeros, zeros],
  [PaddingMethod.ANSIX9_23, ansiX9_23],
  [PaddingMethod.ISO10126, iso10126],
]);

/** Data filled up to whole blocks, in a new buffer. */
export function pad(padding: BlockPadding, data: Buffer, blockLength: number): Buffer {
  return Buffer.concat([data, padding.fill(data.length % blockLength, blockLength)]);
}

/**
 * Data without their padding; they share memory with the padded ones, which are zeroed where they are refused.
 * Throws CryptoError `decryption-failed`.
 */
export function unpad(padding: BlockPadding, data: Buffer, blockLength: number): Buffer {
  if (data.length === 0 && padding === zeros) return data;
  const block = data.subarray(Math.max(0, data.length - blockLength));
  const count = block.length === blockLength ? padding.count(block) : undefined;
  if (count === undefined) {
    data.fill(0);
    throw new CryptoError("decryption-failed", "the padding is wrong");
  }
  return data.subarray(0, data.length - count);
}
