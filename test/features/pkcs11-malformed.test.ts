import fc from "fast-check";
import t from "tap";
import { PKCS_11Function, ResultReason } from "#protocol/enums/index.js";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import {
  CryptokiClient,
  type FunctionName,
  vectorParameter,
  writeMechanism,
  writeTemplate,
} from "#test/support/cryptoki.js";
import { OperationFailed } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
const cryptoki = await CryptokiClient.initialise(client);
const session = await cryptoki.openSession();
/** How many HSM workers the server says it has started. */
const workersStarted = (): number => server.output().split("HSM worker ready").length;
const key = await cryptoki.generateKey(session, { ENCRYPT: true, DECRYPT: true, WRAP: true, UNWRAP: true });
// Key pairs are made in a worker of their own, which starts with the first.
const pairTemplate = { EC_PARAMS: Buffer.from("06082a8648ce3d030107", "hex") };
const pair = writeTemplate(writeMechanism(new ParameterWriter().ulong(session), 0x1040), pairTemplate);
await cryptoki.call("C_GenerateKeyPair", writeTemplate(pair, {}));
const workersBefore = workersStarted();
t.teardown(async () => {
  await client.close();
  await server.stop();
});

/** C_Finalize and what closes sessions would end the experiment. */
const spared: ReadonlySet<string> = new Set(["C_Initialize", "C_Finalize", "C_CloseSession", "C_CloseAllSessions"]);
const names = (Object.keys(PKCS_11Function) as FunctionName[]).filter((name) => !spared.has(name));

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));

/** Parameters that begin as they should: with the session, and the key or a mechanism or a template behind it. */
const plausible = fc
  .tuple(
    fc.constantFrom(
      new ParameterWriter().ulong(session).done(),
      new ParameterWriter().ulong(session).ulong(key).done(),
      writeMechanism(new ParameterWriter().ulong(session), 0x1082, vectorParameter(Buffer.alloc(16)))
        .ulong(key)
        .done(),
      writeTemplate(new ParameterWriter().ulong(session), { CLASS: 4, VALUE: Buffer.alloc(16) }).done(),
    ),
    bytes,
    fc.nat({ max: 8 }),
  )
  .map(([start, rest, cut]) => Buffer.concat([start.subarray(0, start.length - cut), rest]));

/** What came of a call: a return code, or the reason of a failure. */
async function outcomeOf(name: FunctionName, input: Buffer): Promise<string> {
  try {
    return (await cryptoki.call(name, input)).code;
  } catch (error) {
    if (!(error instanceof OperationFailed)) throw error;
    return error.answered.reason === ResultReason.PKCS_11CodecError ? "codec error" : (error.answered.message ?? "?");
  }
}

t.test("whatever the parameters, a function answers with a return code or a codec error", async (t) => {
  const seen = new Set<string>();
  const call = fc.tuple(fc.constantFrom(...names), fc.oneof(bytes, plausible));
  await fc.assert(
    fc.asyncProperty(call, async ([name, input]) => {
      const outcome = await outcomeOf(name, input);
      seen.add(outcome);
      return outcome === "codec error" || /^[A-Z_]+$/.test(outcome);
    }),
    { numRuns: 600 },
  );
  t.ok(seen.has("codec error") && seen.size >= 4, [...seen].join(", "));
  t.equal((await cryptoki.call("C_GetSessionInfo", new ParameterWriter().ulong(session))).code, "OK");
});

t.test("every whole call cut short anywhere is a codec error", async (t) => {
  const whole = writeTemplate(writeMechanism(new ParameterWriter().ulong(session), 0x1080), { VALUE_LEN: 32 }).done();
  for (let length = 0; length < whole.length; length += 1) {
    t.equal(await outcomeOf("C_GenerateKey", whole.subarray(0, length)), "codec error");
  }
  t.equal(await outcomeOf("C_GenerateKey", Buffer.concat([whole, Buffer.alloc(1)])), "codec error");
});

t.test("the workers of the partitions are those that were there before", async (t) => {
  t.equal(workersStarted(), workersBefore);
  t.ok(await cryptoki.generateKey(session));
});
