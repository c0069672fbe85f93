/** `npm run torture:oracles`: what a failed decryption says, in words and in time; what compares secrets; what must not repeat. */

import { SeededRandom } from "#test/fuzz/random.js";
import { amountOf, type HarnessValues, runHarness } from "#test/harness/program.js";
import { conclude, grouped, seedOf, Verdict } from "#test/harness/verdict.js";
import { CryptokiClient } from "#test/support/cryptoki.js";
import { connectTo, runKeyreeve, startTestServer } from "#test/support/server.js";
import { comparisons, measure } from "./comparisons.js";
import { decryptFamilies } from "./decrypt-families.js";
import type { Family } from "./family.js";
import { judgeOutcomes, judgeTimes } from "./judging.js";
import { cryptokiFamilies, otherFamilies } from "./other-families.js";
import { lookForRepeats } from "./repeats.js";
import { playFamily } from "./rounds.js";
import { registerKeys } from "./server-keys.js";

const usage = `Has a real server decrypt, unwrap and verify what is good and what is wrong in every way that attacks on paddings use, one after
the other on one connection in an order that is drawn. Everything that is wrong must be answered alike, and how long it takes
must not tell a simple classifier (trained on half the times, tried on the other half) which kind it was. Measures the functions
that compare secrets and take paddings off in this process, and looks for repeats among vectors, identifiers and serial numbers.

  npm run torture:oracles -- [options]

  --decryptions N  of each kind of ciphertext (default 1000)
  --samples N      of each comparison of secrets (default 200000)
  --values N       vectors, identifiers, values and serial numbers of each kind (default 1000000)
  --family TEXT    only families whose name has it
  --no-timing      judge what is answered, and not how long it takes
  --long           20,000 decryptions of each kind, 1,000,000 samples
  --seed N         repeats the order (default: random); keys and ciphertexts are new each time
  --json           print the result as JSON
`;

interface Order {
  readonly decryptions: number;
  readonly samples: number;
  readonly values: number;
  readonly family: string;
  readonly timing: boolean;
}

function orderOf(given: HarnessValues<typeof options>): Order {
  const { decryptions, samples, values, family = "", long } = given;
  return {
    decryptions: amountOf(decryptions ?? (long ? 20_000 : 1000)),
    samples: amountOf(samples ?? (long ? 1_000_000 : 200_000)),
    values: amountOf(values ?? 1_000_000),
    family,
    timing: !given["no-timing"],
  };
}

/** Plays the families against a server; gives how many tries there were. */
async function playAll(order: Order, verdict: Verdict, random: SeededRandom): Promise<number> {
  const server = await startTestServer();
  let tries = 0;
  try {
    const allowed = await runKeyreeve(server.home, ["tenant", "set", "demo", "--pkcs1-decryptions", "1000000000"]);
    if (allowed.code !== 0) throw new Error(allowed.stderr);
    const client = await connectTo(server, { answerWithin: 60_000 });
    const keys = await registerKeys(client);
    const play = async (families: readonly Family[]): Promise<void> => {
      for (const family of families.filter(({ name }) => name.includes(order.family))) {
        const rounds = Math.min(order.decryptions, family.most ?? order.decryptions);
        process.stderr.write(`${family.name}: ${grouped(rounds * family.kinds.length)} tries\n`);
        const seen = await playFamily(client, family, rounds, random);
        tries += rounds * family.kinds.length;
        judgeOutcomes(verdict, family, seen);
        if (order.timing && family.timed) judgeTimes(verdict, family, seen);
      }
    };
    // What PKCS#11 has initialised ends when it rests for long: its families come first, and at once.
    await play(await cryptokiFamilies(await CryptokiClient.initialise(client)));
    await play(decryptFamilies(keys));
    await play(otherFamilies(keys));
    const failures = tries > 1000 && order.family === "";
    await client.close();
    if (failures) {
      const trail = await server.administration.exportAudit();
      const events = trail.split("\n").filter((line) => line.includes("decryptions-failing")).length;
      verdict.check("an event tells of failures that pile up", events > 0, `${events} rows of the audit trail`);
    }
  } finally {
    await server.stop();
  }
  return tries;
}

/** |t| beyond which the classes of a comparison differ. */
const threshold = 4.5;

function measureAll({ samples }: Order, verdict: Verdict, random: SeededRandom): number {
  let measured = 0;
  for (const comparison of comparisons) {
    const count = Math.ceil(samples * (comparison.share ?? 1));
    process.stderr.write(`${comparison.name}: ${grouped(count)} samples\n`);
    const t = measure(comparison, count, random);
    const holds = comparison.differs === true ? Math.abs(t) > threshold : Math.abs(t) < threshold;
    verdict.check(`time of ${comparison.name}`, holds, `t = ${t.toFixed(2)} over ${grouped(count)} samples`);
    measured += count;
  }
  return measured;
}

const options = {
  decryptions: { type: "string" },
  samples: { type: "string" },
  values: { type: "string" },
  family: { type: "string" },
  "no-timing": { type: "boolean", default: false },
  long: { type: "boolean", default: false },
} as const;

async function main(values: HarnessValues<typeof options>): Promise<number> {
  const order = orderOf(values);
  const seed = seedOf(values.seed);
  const verdict = new Verdict("torture:oracles", seed);
  const random = new SeededRandom(seed);
  const decryptions = await playAll(order, verdict, random);
  const samples = order.timing && order.samples > 0 ? measureAll(order, verdict, random) : 0;
  const made = order.values > 0 ? await lookForRepeats(order.values, verdict) : 0;
  return conclude(verdict.result({ decryptions, samples, "values compared": made }, ["decryptions"]), values.json);
}

await runHarness(usage, options, main);
