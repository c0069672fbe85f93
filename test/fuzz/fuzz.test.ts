import t from "tap";
import { announcedVersion, decodeRequestMessage, requestBatchItem } from "#protocol/messages/message.js";
import { MessageError } from "#protocol/schema/error.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { V1_0 } from "#protocol/versions.js";
import { operations } from "#src/operations/index.js";
import { outputOf, resultOf } from "#test/harness/output.js";
import { startTestServer } from "#test/support/server.js";
import { keptInputs } from "./corpus.js";
import { SeededRandom } from "./random.js";
import { ownRequests } from "./seeds.js";
import { fuzzServer } from "./targets/server.js";

/** The same damage in every run of the tests; `npm run fuzz` looks further. */
const seed = 20_261_123;

/** The operations that a message asks for, as far as it can be read. */
function operationsIn(bytes: Buffer): readonly number[] {
  const item = decodeItem(bytes);
  const version = announcedVersion(item) ?? V1_0;
  try {
    const { batchItems } = decodeRequestMessage(item, { version });
    return batchItems.map((tree) => requestBatchItem.decode(tree, { version }).operation);
  } catch (error) {
    if (error instanceof MessageError) return [];
    throw error;
  }
}

t.test("a seed repeats its numbers", async (t) => {
  const numbers = (from: number): readonly number[] => {
    const random = new SeededRandom(from);
    return Array.from({ length: 5 }, () => random.next());
  };
  t.strictSame(numbers(seed), numbers(seed));
  t.notSame(numbers(seed), numbers(seed + 1));
});

t.test("there are real messages of every operation to start from", async (t) => {
  const asked = new Set(ownRequests().flatMap(operationsIn));
  t.same(
    operations.filter(({ code }) => !asked.has(code)).map(({ name }) => name),
    [],
  );
});

t.test("a short run, guided by the code it reaches, finds nothing", async (t) => {
  const targets = "ttlv,message,xml,json,transcript,certificate,certificate-request,revocation-list,keys";
  const sizes = ["--together", "--executions", "1500", "--seed", String(seed)];
  const { checks, done } = await resultOf("fuzz", ["--target", targets, ...sizes]);
  t.same(
    checks.filter(({ holds }) => !holds),
    [],
  );
  t.ok((done["executions"] ?? 0) >= 9 * 1500);
});

t.test("one input is run by itself, and a target that there is not is refused", async (t) => {
  t.match(await outputOf("fuzz", ["--target", "ttlv", "--input", "42007801000000f0"]), /^ttlv: refused: truncated/);
  await t.rejects(outputOf("fuzz", ["--target", "nothing", "--input", "00"]), /there is no target nothing/);
});

t.test("a running server survives damaged messages and goes on serving", async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const { findings, outcomes } = await fuzzServer({
    server,
    seeds: [...ownRequests(), ...keptInputs("path")],
    random: new SeededRandom(seed),
    budget: { seconds: Number.POSITIVE_INFINITY, executions: 500 },
    answerWithin: 30_000,
    connections: 4,
  });
  t.strictSame(findings, []);
  t.ok((outcomes["success"] ?? 0) > 0, "some succeed");
  t.ok((outcomes["InvalidMessage"] ?? 0) > 0, "some are refused");
});
