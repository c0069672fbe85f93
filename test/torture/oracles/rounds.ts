import type { SeededRandom } from "#test/fuzz/random.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import type { Family, KindOfCiphertext, Try } from "./family.js";

/** Different ciphertexts that are prepared of a kind, and then used in turn. */
const prepared = 64;

/** What was seen of one kind. */
export interface KindSeen {
  readonly kind: KindOfCiphertext;
  /** How often each outcome was seen. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Milliseconds, in the order of the rounds. */
  readonly times: readonly number[];
}

interface Collected {
  readonly kind: KindOfCiphertext;
  readonly tries: readonly Try[];
  readonly outcomes: Map<string, number>;
  readonly times: number[];
}

/** One after the other on one connection, in rounds with one try of each kind, whose order is drawn anew each time. */
export async function playFamily(
  client: KmipClient,
  family: Family,
  rounds: number,
  random: SeededRandom,
): Promise<readonly KindSeen[]> {
  const collected: Collected[] = [];
  for (const kind of family.kinds) {
    const tries = [];
    for (let made = 0; made < Math.min(prepared, rounds); made += 1) tries.push(await kind.prepare());
    collected.push({ kind, tries, outcomes: new Map(), times: [] });
  }
  for (let round = 0; round < rounds; round += 1) {
    const left = [...collected];
    while (left.length > 0) {
      const [next] = left.splice(random.below(left.length), 1);
      if (next !== undefined) await playOnce(client, next, round);
    }
  }
  return collected;
}

async function playOnce(client: KmipClient, { tries, outcomes, times }: Collected, round: number): Promise<void> {
  const attempt = tries[round % tries.length];
  if (attempt === undefined) throw new RangeError("no ciphertext was prepared");
  const { outcome, milliseconds } = await attempt(client);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  times.push(milliseconds);
}
