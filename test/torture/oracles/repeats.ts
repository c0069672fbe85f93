import { newSerialNumber } from "#certs/to-be-signed.js";
import { blockVector, gcmVector, type VectorRule } from "#src/crypto/mechanisms/initialization-vectors.js";
import { NoSiblings } from "#src/siblings/alone.js";
import { newHomeValue } from "#src/siblings/home-values.js";
import { newIdentifier } from "#storage/identifiers.js";
import { grouped, type Verdict } from "#test/harness/verdict.js";
import { startSoftHsm } from "#test/support/softhsm.js";

/** Values asked for at once. */
const together = 1000;

/** How often each byte should be there, and may be: five standard deviations of chi-square with 255 degrees of freedom. */
const chiSquareMost = 255 + 5 * Math.sqrt(2 * 255);

interface Look {
  readonly name: string;
  make(): Promise<Buffer> | Buffer;
  /** The values are random throughout, so that all bytes are as likely. */
  readonly uniform: boolean;
}

async function looksAt(look: Look, count: number): Promise<{ readonly repeats: number; readonly chiSquare: number }> {
  const seen = new Set<string>();
  const bytes = new Array<number>(256).fill(0);
  let length = 0;
  for (let made = 0; made < count; made += together) {
    const values = await Promise.all(Array.from({ length: Math.min(together, count - made) }, () => look.make()));
    for (const value of values) {
      seen.add(value.toString("latin1"));
      length += value.length;
      for (const byte of value) bytes[byte] = (bytes[byte] ?? 0) + 1;
    }
  }
  const expected = length / 256;
  const chiSquare = bytes.reduce((sum, number) => sum + (number - expected) ** 2 / expected, 0);
  return { repeats: count - seen.size, chiSquare };
}

/** Makes so many values of each kind as the server makes them, vectors by a real token; gives how many in all. */
export async function lookForRepeats(count: number, verdict: Verdict): Promise<number> {
  const hsm = await startSoftHsm();
  const alone = new NoSiblings();
  const vector = (rule: VectorRule) => () => rule.generate({}, (length) => hsm.partition.nonce(length));
  const looks: readonly Look[] = [
    { name: "vectors of GCM (12 bytes)", make: vector(gcmVector), uniform: true },
    { name: "vectors of AES-CBC (16 bytes)", make: vector(blockVector(16)), uniform: true },
    { name: "identifiers", make: () => Buffer.from(newIdentifier()), uniform: false },
    { name: "correlation values", make: () => newHomeValue(alone), uniform: true },
    { name: "serial numbers", make: newSerialNumber, uniform: false },
  ];
  try {
    for (const look of looks) {
      process.stderr.write(`${look.name}: ${grouped(count)}\n`);
      const { repeats, chiSquare } = await looksAt(look, count);
      verdict.check(`no repeat among ${look.name}`, repeats === 0, `${repeats} of ${grouped(count)}`);
      if (look.uniform) {
        verdict.check(
          `all bytes are as likely in ${look.name}`,
          chiSquare < chiSquareMost,
          `chi-square ${chiSquare.toFixed(0)}`,
        );
      }
    }
  } finally {
    await hsm.close();
  }
  return looks.length * count;
}
