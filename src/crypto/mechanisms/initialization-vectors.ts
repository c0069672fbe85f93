import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import type { KmipError } from "#src/objects/kmip-error.js";
import { badParameters } from "./key.js";

/** Gives so many random bytes, from the token. */
export type RandomSource = (length: number) => Promise<Buffer>;

/** What a mode demands of its initialization vector. Lengths in bytes. */
export interface VectorRule {
  /** Checks a vector that the client gives, and gives what the cipher takes. Throws KmipError. */
  accept(given: Buffer, parameters: CryptographicParameters): Buffer;
  /** Makes one, as a client would give it. Throws KmipError. */
  generate(parameters: CryptographicParameters, random: RandomSource): Promise<Buffer>;
}

/** IV Length and the lengths of the fields an IV is made of must fit its length (SP 800-38D §8.2, KMIP 2.1 §4.16). */
function checkDeclared(length: number, parameters: CryptographicParameters): void {
  const { ivLength, fixedFieldLength, invocationFieldLength, counterLength = 0 } = parameters;
  if (ivLength !== undefined && ivLength !== length * 8) {
    throw badParameters("the IV has another length than IV Length says");
  }
  const fields = [fixedFieldLength, invocationFieldLength].filter((field) => field !== undefined);
  if (fields.length === 0) return;
  const bits = fields.reduce((sum, field) => sum + field, 0);
  if (fields.some((field) => field < 0) || (bits !== length * 8 && bits + counterLength !== length * 8)) {
    throw badParameters("the fields of the IV do not make up its length");
  }
}

function wrongLength(expected: string): KmipError {
  return badParameters(`the IV of this mode has ${expected}`);
}

/** A vector of exactly one block. */
export function blockVector(length: number): VectorRule {
  return {
    accept(given, parameters) {
      checkDeclared(given.length, parameters);
      if (given.length !== length) throw wrongLength(`${length} bytes`);
      return given;
    },
    generate: (parameters, random) => {
      checkDeclared(length, parameters);
      return random(length);
    },
  };
}

/** A vector of a length within a range; where the server makes it, `usual` bytes unless asked otherwise. */
function nonce(range: { shortest: number; longest: number; usual: number; shortestMade: number }): VectorRule {
  const { shortest, longest, usual, shortestMade } = range;
  return {
    accept(given, parameters) {
      checkDeclared(given.length, parameters);
      if (given.length < shortest || given.length > longest) throw wrongLength(`${shortest} to ${longest} bytes`);
      return given;
    },
    generate: (parameters, random) => {
      const { ivLength } = parameters;
      const length = ivLength === undefined ? usual : ivLength / 8;
      if (!Number.isInteger(length) || length < shortestMade || length > longest) {
        throw wrongLength(`${shortestMade} to ${longest} bytes where the server makes it`);
      }
      checkDeclared(length, parameters);
      return random(length);
    },
  };
}

/** The vector of GCM: 96 bits unless asked otherwise, and never fewer random ones (SP 800-38D §8.2.2). */
export const gcmVector = nonce({ shortest: 1, longest: 128, usual: 12, shortestMade: 12 });

/** The nonce of CCM (SP 800-38C appendix A.1). */
export const ccmVector = nonce({ shortest: 7, longest: 13, usual: 12, shortestMade: 12 });

/** The nonce of ChaCha20-Poly1305 (RFC 8439 §2.8). */
export const chachaPolyVector = nonce({ shortest: 12, longest: 12, usual: 12, shortestMade: 12 });

const counterBlockLength = 16;

/** Bits of a made counter block that count, unless said otherwise: the rest is random and tells messages of one key apart. */
const madeCounterBits = 32;

/** How many bits of the counter block count. All of them unless the client says otherwise or gives a shorter nonce. */
export function counterBits(given: Buffer, { counterLength }: CryptographicParameters): number {
  if (counterLength !== undefined) {
    if (counterLength < 1 || counterLength > counterBlockLength * 8) throw badParameters("the Counter Length is wrong");
    return counterLength;
  }
  return given.length === counterBlockLength ? counterBlockLength * 8 : (counterBlockLength - given.length) * 8;
}

/** A block whose last `bits` bits are the Initial Counter Value, 1 unless said otherwise (RFC 3686 §4). */
function counterBlock(start: Buffer, bits: number, { initialCounterValue }: CryptographicParameters): Buffer {
  const counter = initialCounterValue === undefined ? 1n : BigInt(initialCounterValue >>> 0);
  if (counter >= 1n << BigInt(bits)) throw badParameters("the Initial Counter Value is longer than the counter");
  const filled = Buffer.alloc(counterBlockLength);
  start.copy(filled);
  const whole = BigInt(`0x${filled.toString("hex")}`);
  const block = ((whole >> BigInt(bits)) << BigInt(bits)) | counter;
  return Buffer.from(block.toString(16).padStart(counterBlockLength * 2, "0"), "hex");
}

/**
 * The counter block of CTR: given whole, or as a nonce behind which the counter starts at Initial Counter Value.
 */
export const counterVector: VectorRule = {
  accept(given, parameters) {
    checkDeclared(given.length, parameters);
    if (given.length === counterBlockLength) return given;
    const whole = given.length >= 1 && given.length <= counterBlockLength - madeCounterBits / 8;
    const bits = (counterBlockLength - given.length) * 8;
    if (!whole || counterBits(given, parameters) !== bits) throw wrongLength("16 bytes, counter included");
    return counterBlock(given, bits, parameters);
  },
  generate: async (parameters, random) => {
    checkDeclared(counterBlockLength, parameters);
    const bits = parameters.counterLength ?? madeCounterBits;
    if (bits < 1 || bits > counterBlockLength * 8 - 64) {
      throw badParameters("where the server makes the IV, its counter has 1 to 64 bits");
    }
    return counterBlock(await random(counterBlockLength), bits, parameters);
  },
};

/** Beyond it a counter of 32 bits might run over into the nonce within the longest data taken (one gibibyte). */
const longestStart = 2 ** 32 - 2 ** 24;

/** Bytes of the state of ChaCha20 that are counter and nonce. */
const chachaStateLength = 16;

/**
 * What node:crypto takes as the vector of ChaCha20, from a nonce of 64 bits (as it was published, with a counter of 64
 * bits) or 96 bits (RFC 8439 §2.3, with one of 32 bits). The counter starts at Initial Counter Value, 0 unless said
 * otherwise. A vector of 128 bits has its counter in it.
 */
function chachaState(given: Buffer, { initialCounterValue = 0 }: CryptographicParameters): Buffer {
  if (given.length === chachaStateLength) return given;
  if (given.length === 12 && initialCounterValue >>> 0 > longestStart) {
    throw badParameters("the Initial Counter Value leaves too little of the counter");
  }
  const state = Buffer.alloc(chachaStateLength);
  state.writeUInt32LE(initialCounterValue >>> 0);
  given.copy(state, chachaStateLength - given.length);
  return state;
}

/** The nonce of ChaCha20; the server makes one of 96 bits. */
export const chachaVector: VectorRule = {
  accept(given, parameters) {
    checkDeclared(given.length, parameters);
    if (![8, 12, chachaStateLength].includes(given.length)) throw wrongLength("8 or 12 bytes, or 16 with its counter");
    return chachaState(given, parameters);
  },
  generate: chachaPolyVector.generate,
};
