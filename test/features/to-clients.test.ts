import t from "tap";
import { createCertificateAuthority, issueClientCertificate } from "#certs/certificates.js";
import { attributes } from "#protocol/attributes/definitions.js";
import { EndpointRole, Operation, PutFunction, ResultReason, ResultStatus, State } from "#protocol/enums/index.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_0, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance } from "#test/support/kmip-actions.js";
import { ask, askFor, requestMessageItem } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";
import { type Received, ServingClient } from "#test/support/serving-client.js";
import { makeServerCertificate } from "#test/support/tls.js";

t.setTimeout(550_000);
const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const ca = await createCertificateAuthority({ commonName: "receivers", validityDays: 1 });
const receiving = await makeServerCertificate(ca, "ec-p256");
const shown = await issueClientCertificate({ ca, commonName: "keyreeve", validityDays: 1 });
const receiverIdentity = {
  certificate: receiving.certificatePem,
  key: receiving.privateKeyPem,
  authority: ca.certificatePem,
};

function addressOf(port: number): object {
  return {
    tenant: "demo",
    host: "127.0.0.1",
    port,
    certificate: shown.certificatePem,
    key: shown.privateKeyPem,
    authority: ca.certificatePem,
  };
}

async function add(destination: object): Promise<void> {
  await server.administration.addDestination(JSON.stringify({ tenant: "demo", ...destination }));
}

interface Destination {
  readonly name: string;
  readonly waiting: number;
  readonly failures: number;
  readonly lastError: string | null;
}

async function destination(name: string, tenant = "demo"): Promise<Destination> {
  const all = JSON.parse(await server.administration.listDestinations(tenant)) as readonly Destination[];
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no destination ${name}`);
  return found;
}

function about(id: string): (received: Received) => boolean {
  return ({ payload }) => payload["uniqueIdentifier"] === id;
}

function namesIn({ payload }: Received): readonly string[] {
  return (payload["attributes"] as readonly { readonly name: string }[]).map(({ name }) => name);
}

t.test(
  "a client that takes the server role is asked for its versions and operations, and told of changes",
  async (t) => {
    const folder = await server.administration.issueClient("demo", "receiver");
    const receiver = await connectTo(server, { identity: readIdentity(folder) });
    t.teardown(() => receiver.close());
    await add({ name: "receiver", client: "receiver", subscribe: ["State"] });
    const answer = await askFor<{ endpointRole: number }>(receiver, V2_1, Operation.SetEndpointRole, {
      endpointRole: EndpointRole.Client,
    });
    t.equal(answer.endpointRole, EndpointRole.Client);
    const serving = new ServingClient([V2_0]);
    serving.serveOver(receiver).catch((error: unknown) => t.comment(String(error)));
    t.equal((await serving.first(Operation.DiscoverVersions)).version, V2_1);
    t.equal((await serving.first(Operation.Query)).version, V2_0);

    const { create, activate } = actionsOf(client, V1_4);
    const id = await create();
    await activate(id);
    const notice = await serving.first(Operation.Notify, about(id));
    t.equal(notice.version, V2_0);
    t.ok(notice.header["timeStamp"]);
    t.ok(notice.header["serverCorrelationValue"]);
    t.strictSame(namesIn(notice).toSorted(), ["Last Change Date", "State"]);
    t.match(notice.payload, { attributes: [{ name: "State", value: State.Active }] });
  },
);

t.test("a client that sends a request after it took the server role is cut off", async (t) => {
  const rogue = await connectTo(server);
  await askFor(rogue, V2_1, Operation.SetEndpointRole, { endpointRole: EndpointRole.Client });
  const serving = new ServingClient([V2_1]);
  for (let greeting = 0; greeting < 2; greeting += 1) rogue.send(serving.answer(await rogue.nextAnswer()));
  rogue.send(encodeItem(requestMessageItem(V2_1, [{ operation: Operation.Ping, payload: {} }])));
  t.ok(await rogue.closedWithin(20_000));
});

t.test("the server role stays where the server has it already; another role is none", async (t) => {
  const { endpointRole } = await askFor<{ endpointRole: number }>(client, V2_1, Operation.SetEndpointRole, {
    endpointRole: EndpointRole.Server,
  });
  t.equal(endpointRole, EndpointRole.Server);
  t.equal((await ask(client, V2_1, { operation: Operation.Ping, payload: {} })).status, ResultStatus.Success);
});

t.test("an address is told of the attributes it subscribed to, of deleted ones too, in its version", async (t) => {
  const serving = new ServingClient([V1_0]);
  const listening = await serving.listen(receiverIdentity);
  t.teardown(() => listening.stop());
  await add({ ...addressOf(listening.port), name: "old", version: "1.0", subscribe: ["Contact Information"] });
  const { create, act, activate } = actionsOf(client, V1_4);
  const id = await create();
  await activate(id);
  await act(Operation.AddAttribute, id, { newAttribute: instance(attributes.contactInformation, "somebody") });
  const added = await serving.first(Operation.Notify, about(id));
  t.equal(added.version, V1_0);
  t.strictSame(namesIn(added).toSorted(), ["Contact Information", "Last Change Date"]);
  await act(Operation.DeleteAttribute, id, { attributeName: "Contact Information" });
  const deleted = await serving.first(Operation.Notify, (each) => about(id)(each) && each !== added);
  t.match(deleted.payload, {
    attributes: [{ name: "Last Change Date" }, { name: "Contact Information", value: undefined }],
  });
  t.equal(serving.received.length, 2, "nothing of the activation");
});

t.test("an object that an operator pushes arrives with its attributes; one that may not leave does not", async (t) => {
  const serving = new ServingClient([V2_1]);
  const listening = await serving.listen(receiverIdentity);
  t.teardown(() => listening.stop());
  await add({ ...addressOf(listening.port), name: "pushed" });
  const { create, act, value } = actionsOf(client, V2_1);
  const stays = await create(instance(attributes.protectionLevel, 1));
  const id = await create();
  const fresh = await value(id, attributes.fresh);
  for (const object of [stays, id]) {
    await server.administration.put(JSON.stringify({ tenant: "demo", destination: "pushed", object, replaces: stays }));
  }
  const put = await serving.first(Operation.Put);
  t.match(put.payload, { uniqueIdentifier: id, putFunction: PutFunction.Replace, replacedUniqueIdentifier: stays });
  t.equal(await value(id, attributes.fresh), fresh);
  const got = await act<Readonly<Record<string, unknown>>>(Operation.Get, id);
  t.same(put.payload["symmetricKey"], got["symmetricKey"]);
  t.ok(namesIn(put).includes("Cryptographic Algorithm"));
  const rows = (await server.administration.exportAudit())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  t.match(
    rows.filter(({ operation }: { operation: string }) => operation === "Put"),
    [
      { objectId: stays, outcome: "failure", resultReason: "NotExtractable", clientName: "pushed" },
      { objectId: id, outcome: "success", clientName: "pushed" },
    ],
  );
  await t.rejects(server.administration.put(JSON.stringify({ tenant: "demo", destination: "pushed", object: "none" })));
});

t.test("what a destination that is down should have heard, it hears in order when it is back", async (t) => {
  const serving = new ServingClient([V2_1]);
  const before = await serving.listen(receiverIdentity);
  await before.stop();
  await add({ ...addressOf(before.port), name: "away", subscribe: ["*"] });
  const { create, act } = actionsOf(client, V1_4);
  const id = await create();
  await act(Operation.AddAttribute, id, { newAttribute: instance(attributes.contactInformation, "one") });
  await act(Operation.AddAttribute, id, { newAttribute: instance(attributes.objectGroup, "two") });
  while ((await destination("away")).failures === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal((await destination("away")).waiting >= 2, true);
  t.match((await destination("away")).lastError, /ECONNREFUSED/);
  const back = await serving.listen(receiverIdentity, before.port);
  t.teardown(() => back.stop());
  const has = (name: string) => (each: Received) => about(id)(each) && namesIn(each).includes(name);
  await serving.first(Operation.Notify, has("Object Group"));
  const told = serving.received
    .filter(about(id))
    .map((each) => namesIn(each).find((name) => name !== "Last Change Date"));
  t.strictSame(told, ["Contact Information", "Object Group"]);
});

t.test("nothing leaves for a tenant that is suspended; it waits until the tenant is resumed", async (t) => {
  const tenant = "held";
  const { administration } = server;
  await administration.createTenant(tenant);
  const owner = await connectTo(server, { identity: readIdentity(await administration.issueClient(tenant, "owner")) });
  t.teardown(() => owner.close());
  const object = await actionsOf(owner, V2_1).create();
  const serving = new ServingClient([V2_1]);
  const listening = await serving.listen(receiverIdentity);
  t.teardown(() => listening.stop());
  await add({ ...addressOf(listening.port), name: "held", tenant });
  await administration.suspendTenant(tenant);
  await administration.put(JSON.stringify({ tenant, destination: "held", object }));
  while ((await destination("held", tenant)).failures === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  t.match(await destination("held", tenant), { waiting: 1, lastError: /suspended/ });
  t.notOk(serving.received.some(about(object)));
  await administration.resumeTenant(tenant);
  t.match((await serving.first(Operation.Put, about(object))).payload, { uniqueIdentifier: object });
});

t.test("a destination needs a way to it, a key that fits, and attributes that exist", async (t) => {
  await t.rejects(add({ name: "nowhere" }), /host and port/);
  await t.rejects(add({ ...addressOf(1), name: "other-key", key: receiving.privateKeyPem }), /does not belong/);
  await t.rejects(add({ ...addressOf(1), name: "unknown", subscribe: ["Colour"] }), /no attribute/);
  await t.rejects(add({ name: "nobody", client: "nobody" }), /no client/);
});

t.test("what is only for connections is refused where there is none", async (t) => {
  const reason = (await ask(client, V1_4, { operation: Operation.SetEndpointRole, payload: { endpointRole: 1 } }))
    .reason;
  t.equal(reason, ResultReason.OperationNotSupported);
});
