import t from "tap";
import { Operation, ResultReason } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V1_2, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { ask, askFor } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const empty: Item = { tag: Tag.RequestPayload, type: ItemType.Structure, value: [] };

t.test("the words of a client stand in the audit trail, as its words", async (t) => {
  const logMessage = 'a "message"\nof two lines';
  await askFor(client, V2_0, Operation.Log, { logMessage });
  const rows = (await server.administration.exportAudit()).trimEnd().split("\n");
  const row = rows.map((line) => JSON.parse(line)).find(({ operation }) => operation === "Log");
  t.same(JSON.parse(row.detail), { clientMessage: logMessage });
});

t.test("a message that is too long, or none, is refused", async (t) => {
  const tooLong = await ask(client, V2_1, { operation: Operation.Log, payload: { logMessage: "x".repeat(4097) } });
  t.equal(tooLong.reason, ResultReason.InvalidField);
  t.equal((await ask(client, V2_1, { operation: Operation.Log, payload: empty })).reason, ResultReason.InvalidMessage);
  t.equal(
    (await ask(client, V1_4, { operation: Operation.Log, payload: empty })).reason,
    ResultReason.OperationNotSupported,
  );
});

t.test("Ping came with 2.1", async (t) => {
  t.same(await askFor(client, V2_1, Operation.Ping, {}), {});
  t.equal(
    (await ask(client, V2_0, { operation: Operation.Ping, payload: empty })).reason,
    ResultReason.OperationNotSupported,
  );
});

t.test("seeds are mixed into the token's generator, as much of them as is useful", async (t) => {
  const seed = async (bytes: number): Promise<unknown> =>
    askFor(client, V1_2, Operation.RNGSeed, { data: Buffer.alloc(bytes) });
  t.same(await seed(32), { dataLength: 32 });
  t.same(await seed(5000), { dataLength: 1024 });
  const nothing = { operation: Operation.RNGSeed, payload: { data: Buffer.alloc(0) } };
  t.equal((await ask(client, V1_2, nothing)).reason, ResultReason.InvalidField);
  const random = async (): Promise<Buffer> =>
    (await askFor<{ data: Buffer }>(client, V1_2, Operation.RNGRetrieve, { dataLength: 32 })).data;
  await seed(32);
  const first = await random();
  await seed(32);
  t.notSame(await random(), first);
});

t.test("the server says at start that a tenant takes part in tests", async (t) => {
  t.match(server.output(), /interoperability tests, which is a setting not for production/);
});
