import { join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicAlgorithm, Operation, ResultReason } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { type Answered, ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";
import { alter } from "#test/support/tamper.js";

let server = await startTestServer();
let client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await other.close();
  await server.stop();
});

const { create } = actionsOf(client, V2_1);
const [relabelled, copied, source, intact] = [await create(), await create(), await create(), await create()];
await server.administration.createTenant("other");
const otherFolder = await server.administration.issueClient("other", "teller");
let other = await connectTo(server, { identity: readIdentity(otherFolder) });
const certificates = [await certified(client), await certified(other)];
await other.close();
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
await alter(
  database,
  "update certificate_authorities set key_id = 'another' where tenant_id in (select id from tenants where name = 'demo')",
  { triggers: true },
);
server = await startTestServer({ home: server.home });
client = await connectTo(server);
other = await connectTo(server, { identity: readIdentity(otherFolder) });

/** Has a new key pair certified; gives what Certify answers. */
async function certified(by: KmipClient): Promise<Answered> {
  const pair = await askFor<{ publicKeyUniqueIdentifier: string }>(by, V2_1, Operation.CreateKeyPair, {
    commonAttributes: requested(instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA)),
    privateKeyAttributes: requested(),
    publicKeyAttributes: requested(),
  });
  const payload = { uniqueIdentifier: named(pair.publicKeyUniqueIdentifier), attributes: requested() };
  return ask(by, V2_1, { operation: Operation.Certify, payload });
}

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

t.test(
  "an authority whose row was altered signs no more, that of another tenant goes on after the start",
  async (t) => {
    t.same(
      certificates.map(({ reason }) => reason),
      [undefined, undefined],
    );
    t.equal((await certified(client)).reason, ResultReason.InternalServerError);
    t.match(server.output(), /stored authority does not pass its integrity check/);
    t.equal((await certified(other)).reason, undefined);
  },
);

t.test("each damage that use has found is an event of its tenant", async (t) => {
  const events = (await server.administration.exportAudit())
    .split("\n")
    .filter((line) => line.includes('"integrity-damaged"'))
    .map((line): { tenantId: string; objectId: string | null } => JSON.parse(line));
  t.equal(events[0]?.objectId, relabelled, "the first is told at once");
  t.equal(new Set(events.map(({ tenantId }) => tenantId)).size, 1, "the other tenant hears of none");
  t.not(events[0]?.tenantId, "server");
});

t.test("objects nobody touched are served", async (t) => {
  t.equal((await read(intact)).reason, undefined);
  t.equal((await read(source)).reason, undefined);
});
