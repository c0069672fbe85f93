import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { KmipError } from "#src/objects/kmip-error.js";
import { badParameters } from "./key.js";

/** Gives so many random bytes, from the token. */
export type RandomSource = (length: number) => Promise<Buffer>;

/** What a mode demands of its initialization vector. Lengths in bytes. */
export interface VectorRule {
  /** Checks a vector that the client gives, and gives what the cipher takes. Throws KmipError. */
  accept(given: Buffer, parameters: CryptographicParameters): Buffer;
  /** Makes one. Throws KmipError. */
  generate(parameters: CryptographicParameters, random: RandomSource): Promise<Buffer>;
}

function checkDeclared(given: Buffer, { ivLength }: CryptographicParameters): void {
  if (ivLength !== undefined && ivLength !== given.length * 8) {
    throw badParameters("the IV has another length than IV Length says");
  }
}

function wrongLength(expected: string): KmipError {
  return badParameters(`the IV of this mode has ${expected}`);
}

/** A vector of exactly one block. */
export function blockVector(length: number): VectorRule {
  return {
    accept(given, parameters) {
      checkDeclared(given, parameters);
      if (given.length !== length) throw wrongLength(`${length} bytes`);
      return given;
    },
    generate: ({ ivLength }, random) => {
      if (ivLength !== undefined && ivLength !== length * 8) throw wrongLength(`${length} bytes`);
      return random(length);
    },
  };
}

/** Lengths of GCM vectors in bytes: 96 bits unless asked otherwise, and never fewer random ones (SP 800-38D §8.2.2). */
const gcmVectorLength = { usual: 12, longest: 128 } as const;

/** The vector of GCM. */
export const gcmVector: VectorRule = {
  accept(given, parameters) {
    checkDeclared(given, parameters);
    if (given.length < 1 || given.length > gcmVectorLength.longest) {
      throw wrongLength(`1 to ${gcmVectorLength.longest} bytes`);
    }
    return given;
  },
  generate: ({ ivLength }, random) => {
    const length = ivLength === undefined ? gcmVectorLength.usual : ivLength / 8;
    if (!Number.isInteger(length) || length < gcmVectorLength.usual || length > gcmVectorLength.longest) {
      throw wrongLength(`${gcmVectorLength.usual} to ${gcmVectorLength.longest} bytes where the server makes it`);
    }
    return random(length);
  },
};

const counterBlockLength = 16;

/** Bytes of a made counter block that count: the rest is random and tells messages of one key apart. */
const madeCounterLength = 4;

/** How many bits of the counter block count. All of them unless the client says otherwise or gives a shorter nonce. */
export function counterBits(given: Buffer, { counterLength }: CryptographicParameters): number {
  if (counterLength !== undefined) {
    if (counterLength < 1 || counterLength > counterBlockLength * 8) throw badParameters("the Counter Length is wrong");
    return counterLength;
  }
  return given.length === counterBlockLength ? counterBlockLength * 8 : (counterBlockLength - given.length) * 8;
}

function counterBlock(nonce: Buffer, { initialCounterValue }: CryptographicParameters): Buffer {
  const block = Buffer.alloc(counterBlockLength);
  nonce.copy(block);
  block.writeUInt32BE(initialCounterValue === undefined ? 1 : initialCounterValue >>> 0, counterBlockLength - 4);
  return block;
}

/**
 * The counter block of CTR: given whole, or as a nonce behind which the counter starts at Initial Counter Value, 1
 * unless said otherwise (RFC 3686 §4).
 */
export const counterVector: VectorRule = {
  accept(given, parameters) {
    checkDeclared(given, parameters);
    if (given.length === counterBlockLength) return given;
    const whole = given.length >= 1 && given.length <= counterBlockLength - madeCounterLength;
    if (!whole || counterBits(given, parameters) !== (counterBlockLength - given.length) * 8) {
      throw wrongLength("16 bytes, counter included");
    }
    return counterBlock(given, parameters);
  },
  generate: async ({ ivLength, initialCounterValue }, random) => {
    if (ivLength !== undefined && ivLength !== counterBlockLength * 8) throw wrongLength("16 bytes");
    return counterBlock(await random(counterBlockLength - madeCounterLength), { initialCounterValue });
  },
};
