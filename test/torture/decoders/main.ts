/** `npm run torture:decoders`: has PyKMIP read what this server writes, and reads what PyKMIP writes of it. */

import { existsSync } from "node:fs";
import { pykmipPackage } from "#conformance/interop/pykmip/suite.js";
import { amountOf, type HarnessValues, runHarness, UsageError } from "#test/harness/program.js";
import { conclude, grouped, seedOf, Verdict } from "#test/harness/verdict.js";
import { compare } from "./compare.js";
import { knownMessages, randomMessages } from "./messages.js";
import { PykmipDecoder } from "./pykmip.js";

const usage = `Has PyKMIP read random messages of every operation and those of cases and clients, and write them again.

  npm run torture:decoders -- [options]

  --each N         how many requests and responses of each operation and version (default 25, about 12,000 messages)
  --long           200
  --seed N         repeats a run (default: random)
  --json           the result as JSON
`;

const options = { each: { type: "string", default: "25" }, long: { type: "boolean", default: false } } as const;

/** Messages that PyKMIP reads some of and none whole, as random objects have material of every format at once. */
const neverWhole = new Set(["Get response"]);

/** Seven of ten random messages hold nothing that PyKMIP does not know; fewer would be a difference of another kind. */
const leastShare = 65;

async function main({ each, long, seed: given, json }: HarnessValues<typeof options>): Promise<number> {
  const { name, file } = pykmipPackage;
  if (!existsSync(file)) throw new UsageError(`PyKMIP is not there: apt-get install ${name}`);
  const seed = seedOf(given);
  const verdict = new Verdict("decoders", seed);
  const decoder = new PykmipDecoder();
  const messages = [...knownMessages(), ...randomMessages(long ? 200 : amountOf(each), seed)];
  const progress = (done: number): void =>
    void process.stderr.write(`${grouped(done)} of ${grouped(messages.length)} messages\n`);
  const comparison = await compare(decoder, messages, (now) => progress(now.messages));
  await decoder.stop();
  const { unlisted, known, whole, same, thinned, listed, without } = comparison;
  const read = messages.length - without;
  verdict.none("both read the same tree, or differ as is listed", unlisted, read);
  const halfRead = [...known].filter((message) => !whole.has(message) && !neverWhole.has(message));
  verdict.none("every kind of message that PyKMIP has is read whole at least once", halfRead, known.size);
  const share = Math.round((100 * same) / Math.max(1, read));
  verdict.check("most are read whole", share >= leastShare, `${share} %, at least ${leastShare}`);
  const done = { "messages compared": read, same, "without some fields": thinned, "listed differences": listed };
  return conclude(verdict.result(done, ["messages compared", "same"]), json);
}

await runHarness(usage, options, main);
