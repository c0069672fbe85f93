import t from "tap";
import { NameType, Operation, ResultStatus } from "#protocol/enums/index.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_4 } from "#protocol/versions.js";
import { ConnectionLost, KmipClient } from "#test/support/kmip-client.js";
import {
  type Answered,
  ask,
  askFor,
  attribute,
  createKeyPayload,
  named,
  requestMessageItem,
} from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());

const { administration } = server;

async function connectAs(tenant: string, name: string): Promise<KmipClient> {
  return connectTo(server, { identity: readIdentity(clientFolder(server.home, tenant, name)) });
}

async function create(client: KmipClient, name?: string): Promise<string> {
  const made = await askFor<{ uniqueIdentifier: string }>(client, V1_4, Operation.Create, createKeyPayload(name));
  return made.uniqueIdentifier;
}

const locateNamed = (name: string): unknown => ({
  attributes: [attribute("Name", { nameValue: name, nameType: NameType.UninterpretedTextString })],
});

/** Whether the client is refused: its request fails, or its connection ends. */
async function isRefused(client: KmipClient, operation: number, payload: unknown): Promise<boolean> {
  try {
    const { status } = await ask(client, V1_4, { operation, payload });
    return status !== ResultStatus.Success;
  } catch (error) {
    if (error instanceof ConnectionLost) return true;
    throw error;
  }
}

/** The operations on one object, each as one that would change or give something away. */
const onOneObject: readonly (readonly [name: string, operation: number, payload: (id: string) => unknown])[] = [
  ["Get", Operation.Get, (id) => ({ uniqueIdentifier: named(id) })],
  ["Get Attributes", Operation.GetAttributes, (id) => ({ uniqueIdentifier: named(id) })],
  ["Get Attribute List", Operation.GetAttributeList, (id) => ({ uniqueIdentifier: named(id) })],
  ["Activate", Operation.Activate, (id) => ({ uniqueIdentifier: named(id) })],
  ["Destroy", Operation.Destroy, (id) => ({ uniqueIdentifier: named(id) })],
  ["Re-key", Operation.ReKey, (id) => ({ uniqueIdentifier: named(id), attributes: { attributes: [], templates: [] } })],
  ["Encrypt", Operation.Encrypt, (id) => ({ uniqueIdentifier: named(id), data: Buffer.alloc(16) })],
];

const told = ({ status, reason, message }: Answered): unknown => ({ status, reason, message });

t.test("another tenant's object is answered like one that does not exist, and stays as it is", async (t) => {
  await administration.createTenant("other");
  await administration.issueClient("other", "stranger");
  const owner = await connectTo(server);
  const stranger = await connectAs("other", "stranger");
  const identifier = await create(owner, "isolated");
  const missing = `${identifier.slice(0, -12)}${identifier.endsWith("000000000000") ? "000000000001" : "000000000000"}`;
  for (const [name, operation, payload] of onOneObject) {
    const foreign = await ask(stranger, V1_4, { operation, payload: payload(identifier) });
    const none = await ask(stranger, V1_4, { operation, payload: payload(missing) });
    t.equal(foreign.status, ResultStatus.OperationFailed, `${name} fails`);
    t.strictSame(told(foreign), told(none), `${name} tells nothing`);
  }
  const found = await askFor<{ uniqueIdentifiers: string[] }>(
    stranger,
    V1_4,
    Operation.Locate,
    locateNamed("isolated"),
  );
  t.strictSame(found.uniqueIdentifiers, [], "Locate finds nothing");
  const still = await askFor<{ uniqueIdentifiers: string[] }>(owner, V1_4, Operation.Locate, locateNamed("isolated"));
  t.strictSame(still.uniqueIdentifiers, [identifier], "the owner still has it");
  await stranger.close();
  await owner.close();
});

t.test("a refused attempt on a foreign object stands in the audit of the tenant that tried", async (t) => {
  const rows = (await administration.exportAudit())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { tenantId: string; operation: string; outcome: string; clientName?: string });
  const otherTenant = rows.find((row) => row.operation === "Create Tenant" && JSON.stringify(row).includes("other"));
  const refusals = rows.filter((row) => row.tenantId === otherTenant?.tenantId && row.operation === "Get");
  t.ok(refusals.length >= 2, "both attempts");
});

t.test("a client that is revoked is refused at once, also on a connection it has open", async (t) => {
  await administration.issueClient("demo", "leaver");
  const leaver = await connectAs("demo", "leaver");
  const identifier = await create(leaver);
  await administration.revokeClient("demo", "leaver");
  t.ok(await isRefused(leaver, Operation.Get, { uniqueIdentifier: named(identifier) }), "on the open connection");
  const again = await connectAs("demo", "leaver").catch(() => undefined);
  if (again !== undefined) t.ok(await isRefused(again, Operation.Create, createKeyPayload()), "on a new connection");
  await again?.close();
  await leaver.close();
});

t.test("a suspended tenant is refused at once, and served again when it is resumed", async (t) => {
  await administration.createTenant("paused");
  await administration.issueClient("paused", "worker");
  const worker = await connectAs("paused", "worker");
  const identifier = await create(worker);
  await administration.suspendTenant("paused");
  t.ok(await isRefused(worker, Operation.Get, { uniqueIdentifier: named(identifier) }), "while suspended");
  await administration.resumeTenant("paused");
  const resumed = await connectAs("paused", "worker");
  const { status } = await ask(resumed, V1_4, {
    operation: Operation.Get,
    payload: { uniqueIdentifier: named(identifier) },
  });
  t.equal(status, ResultStatus.Success, "after it is resumed");
  await resumed.close();
  await worker.close();
});

t.test("a client without a certificate gets no key", async (t) => {
  const { authority } = readIdentity(clientFolder(server.home));
  const anonymous = await KmipClient.connect({ port: server.kmipPort, identity: { authority } }).catch(() => undefined);
  if (anonymous === undefined) t.pass("the handshake was refused");
  else t.ok(await isRefused(anonymous, Operation.Create, createKeyPayload()), "the request was refused");
  await anonymous?.close();
});

t.test("both versions of TLS are served", async (t) => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const client = await connectTo(server, { minVersion: version, maxVersion: version });
    const { status } = await ask(client, V1_4, { operation: Operation.DiscoverVersions, payload: {} });
    t.equal(status, ResultStatus.Success, version);
    await client.close();
  }
});

t.test("a client that says its last word with its request is still answered", async (t) => {
  const client = await connectTo(server);
  const answer = client.exchange(
    encodeItem(requestMessageItem(V1_4, [{ operation: Operation.Create, payload: createKeyPayload() }])),
  );
  client.end();
  t.ok((await answer).length > 0);
  await client.close();
});
