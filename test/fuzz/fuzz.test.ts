import t from "tap";
import { startTestServer } from "#test/support/server.js";
import { fuzzDecoding } from "./decode-target.js";
import { SeededRandom } from "./random.js";
import { loadSeeds } from "./seeds.js";
import { fuzzServer } from "./server-target.js";

/** The same damage in every run of the tests; `npm run fuzz` looks further. */
const seed = 20_261_123;

const noLimit = Number.POSITIVE_INFINITY;

t.test("a seed repeats its numbers", async (t) => {
  const numbers = (from: number): readonly number[] => {
    const random = new SeededRandom(from);
    return Array.from({ length: 5 }, () => random.next());
  };
  t.strictSame(numbers(seed), numbers(seed));
  t.notSame(numbers(seed), numbers(seed + 1));
});

t.test("damaged messages are read or refused with an error of the protocol", async (t) => {
  const result = fuzzDecoding(loadSeeds(), new SeededRandom(seed), { seconds: noLimit, executions: 5000 });
  t.strictSame(result.findings, []);
  t.ok((result.outcomes.get("read") ?? 0) > 0, "some are still read");
  t.ok((result.outcomes.get("refused by the codec") ?? 0) > 0, "some are refused by the codec");
  t.ok((result.outcomes.get("refused by the message") ?? 0) > 0, "some are refused by the message");
});

t.test("a running server survives damaged messages and goes on serving", async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const budget = { seconds: noLimit, executions: 500 };
  const result = await fuzzServer(server, loadSeeds(), new SeededRandom(seed), budget, 30_000);
  t.strictSame(result.findings, []);
  t.ok((result.outcomes.get("answered") ?? 0) > 0, "some are answered");
});
