import t from "tap";
import { Operation, ResultStatus } from "#protocol/enums/messages.js";
import { V2_1 } from "#protocol/versions.js";
import { callerAs, firstOperator, startWithAdmin } from "#test/support/admin.js";
import { KmipClient } from "#test/support/kmip-client.js";
import { ask } from "#test/support/kmip-client-messages.js";
import { clientFolder, readIdentity } from "#test/support/server.js";

const server = await startWithAdmin();
t.teardown(() => server.end());
const admin = callerAs(firstOperator(server), server.adminPort);
t.teardown(() => admin.close());

const change = (path: string, body = {}) => admin.json({ method: "POST", path, body: JSON.stringify(body) });
const connect = (tenant: string, client: string) =>
  KmipClient.connect({
    port: server.kmipPort,
    host: "127.0.0.1",
    identity: readIdentity(clientFolder(server.home, tenant, client)),
  });
const locate = { operation: Operation.Locate, payload: { attributes: [] } };
const works = async (client: KmipClient): Promise<boolean> =>
  (await ask(client, V2_1, locate)).status === ResultStatus.Success;

/** Long enough for any machine: what is waited for is the end of the connection, not the time. */
const patience = 10_000;

t.test("suspending a tenant ends the open connections of its clients and of no others", async (t) => {
  await change("/v1/tenants", { name: "acme" });
  await change("/v1/tenants/acme/clients", { name: "app" });
  const suspended = await connect("acme", "app");
  const other = await connect("demo", "demo-client");
  t.ok(await works(suspended));
  t.ok(await works(other));
  await change("/v1/tenants/acme/suspend");
  t.ok(await suspended.closedWithin(patience));
  t.ok(await works(other));
  await other.close();
});

t.test("a suspended tenant's client is refused on new connections, in words", async (t) => {
  const client = await connect("acme", "app");
  const answered = await ask(client, V2_1, locate);
  t.equal(answered.status, ResultStatus.OperationFailed);
  t.match(answered.message, /suspended/);
  await client.close();
});

t.test("a tenant that is resumed is served again", async (t) => {
  await change("/v1/tenants/acme/resume");
  const client = await connect("acme", "app");
  t.ok(await works(client));
  await client.close();
});

t.test("revoking a client ends its open connections, and not those of its tenant's others", async (t) => {
  await change("/v1/tenants/acme/clients", { name: "second" });
  const revoked = await connect("acme", "app");
  const second = await connect("acme", "second");
  t.ok(await works(revoked));
  t.ok(await works(second));
  await change("/v1/tenants/acme/clients/app/revoke");
  t.ok(await revoked.closedWithin(patience));
  t.ok(await works(second));
  await second.close();
  const again = await connect("acme", "app");
  t.notOk(await works(again));
  await again.close();
});

t.test("what a refused client asked stands in the audit trail under its name", async (t) => {
  const rows = await admin.json("/v1/audit?client=app&outcome=failure");
  const refused = {
    tenant: "acme",
    clientName: "app",
    outcome: "failure",
    resultReason: "AuthenticationNotSuccessful",
  };
  t.match(rows, [refused, refused]);
});
