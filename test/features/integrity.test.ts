import { join } from "node:path";
import t from "tap";
import { Operation, ResultReason } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import { type Answered, ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";
import { alter } from "#test/support/tamper.js";

let server = await startTestServer();
let client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { create } = actionsOf(client, V2_1);
const [relabelled, copied, source, intact] = [await create(), await create(), await create(), await create()];
await client.close();
await server.stop({ keepHome: true });
const database = { client: "better-sqlite3", filename: join(server.home, "keyreeve.db"), nodeId: "node-1" } as const;
await alter(
  database,
  `update objects set attributes = replace(attributes, '"Cryptographic Usage Mask":[[0,12]]', '"Cryptographic Usage Mask":[[0,13]]') where id = '${relabelled}'`,
  { triggers: true },
);
await alter(
  database,
  `update objects set material = (select material from objects where id = '${source}') where id = '${copied}'`,
  { triggers: true },
);
server = await startTestServer({ home: server.home });
client = await connectTo(server);

function read(id: string): Promise<Answered> {
  return ask(client, V2_1, { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } });
}

t.test("an object whose row was altered by hand is refused, and the log says so", async (t) => {
  t.equal((await read(relabelled)).reason, ResultReason.InternalServerError);
  t.match(server.output(), /integrity check/);
});

t.test("an object that was given another one's key is refused", async (t) => {
  t.equal((await read(copied)).reason, ResultReason.InternalServerError);
});

t.test("objects nobody touched are served", async (t) => {
  t.equal((await read(intact)).reason, undefined);
  t.equal((await read(source)).reason, undefined);
});
