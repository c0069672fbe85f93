import { randomBytes } from "node:crypto";
import { openPkcs1 } from "#src/crypto/rsa/implicit-rejection.js";
import { decodeOaep, encodeOaep } from "#src/crypto/rsa/oaep.js";
import { sameSecret } from "#src/secrecy/same-secret.js";
import type { SeededRandom } from "#test/fuzz/random.js";
import { pkcs1Encoded, pkcs1Wrong } from "./ciphertexts.js";
import { welch } from "./separability.js";

/** Two classes of inputs of a function, which is not to tell by its time which of them it got. */
export interface Comparison {
  readonly name: string;
  /** Inputs of the one class (0) or the other, prepared; the function is run on them while the time runs. */
  prepare(which: 0 | 1): () => unknown;
  /** What is measured here can be told apart: shows that the measurement finds it. */
  readonly differs?: boolean;
  /** So many runs make up one sample. */
  readonly runs: number;
  /** The part of the samples that is taken, where one takes long. */
  readonly share?: number;
}

const length = 64;

/** As programs compare that know no better. */
function endsEarly(one: Buffer, other: Buffer): boolean {
  for (let place = 0; place < one.length; place += 1) if (one[place] !== other[place]) return false;
  return true;
}

function compared(compare: (one: Buffer, other: Buffer) => boolean): Comparison["prepare"] {
  return (which) => {
    const one = randomBytes(length);
    const other = Buffer.from(one);
    const place = which === 0 ? 0 : length - 1;
    other[place] = (other[place] ?? 0) ^ 1;
    return () => compare(one, other);
  };
}

const oaep = { name: "rsa-oaep", hash: "sha256", maskHash: "sha256", label: Buffer.alloc(0) } as const;

/** What is compared, and what is decoded beside the token. */
export const comparisons: readonly Comparison[] = [
  {
    name: "a comparison that ends early (the measurement finds it)",
    prepare: compared(endsEarly),
    differs: true,
    runs: 40,
  },
  { name: "sameSecret, first or last byte", prepare: compared(sameSecret), runs: 40 },
  {
    name: "sameSecret, the same or another",
    prepare: (which) => {
      const one = randomBytes(length);
      const other = which === 0 ? Buffer.from(one) : randomBytes(length);
      return () => sameSecret(one, other);
    },
    runs: 40,
  },
  {
    name: "PKCS#1 v1.5, good or wrong padding",
    share: 0.05,
    runs: 1,
    prepare: (which) => {
      const encoded = pkcs1Encoded(32);
      if (which === 1) Object.values(pkcs1Wrong)[2]?.(encoded);
      const secret = randomBytes(32);
      return () => openPkcs1(encoded, secret, { expected: 32, acceptable: 1 });
    },
  },
  {
    name: "OAEP, first byte or label",
    share: 0.05,
    runs: 1,
    prepare: (which) => {
      const encoded = encodeOaep(
        { ...oaep, label: Buffer.from(which === 0 ? "" : "x") },
        randomBytes(32),
        randomBytes(32),
        256,
      );
      if (which === 0) encoded.writeUInt8(1, 0);
      return () => decodeOaep(oaep, encoded);
    },
  },
];

/** Welch's t over so many samples of both classes, whose order is drawn. */
export function measure(comparison: Comparison, samples: number, random: SeededRandom): number {
  const times: readonly [number[], number[]] = [[], []];
  const inputs = 64;
  for (let sample = 0; sample < samples; ) {
    // Inputs are made many at once, so that the memory they take is given back between the samples and not in one.
    const drawn = Array.from({ length: inputs }, () => (random.oneIn(2) ? 1 : 0) as 0 | 1);
    const runs = drawn.map((which) => comparison.prepare(which));
    for (const [index, which] of drawn.entries()) {
      const run = runs[index] ?? (() => undefined);
      const from = process.hrtime.bigint();
      for (let time = 0; time < comparison.runs; time += 1) run();
      times[which].push(Number(process.hrtime.bigint() - from));
    }
    sample += inputs;
  }
  // The first tenth is what the compiler takes to warm up.
  const warm = (all: readonly number[]) => all.slice(Math.floor(all.length / 10));
  return welch(warm(times[0]), warm(times[1]));
}
