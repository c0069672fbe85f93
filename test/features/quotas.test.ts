import { join } from "node:path";
import t from "tap";
import { Operation, ResultReason } from "#protocol/enums/index.js";
import { type ProtocolVersion, V1_2, V2_1 } from "#protocol/versions.js";
import { callerAs } from "#test/support/admin.js";
import { aesKey } from "#test/support/kmip-actions.js";
import { ask, createKeyPayload } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, runKeyreeve, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const identity = readIdentity(await server.administration.issueClient("demo", "bounded"));
const bounded = await connectTo(server, { identity });
const other = await connectTo(server);
t.teardown(async () => {
  await bounded.close();
  await other.close();
  await server.stop();
});

const query = { operation: Operation.Query, payload: { queryFunctions: [1] } };

async function reasonsOf(client: typeof bounded, times: number, version: ProtocolVersion = V2_1) {
  const reasons: (number | undefined)[] = [];
  for (let time = 0; time < times; time += 1) reasons.push((await ask(client, version, query)).reason);
  return reasons;
}

/** The same for requests that are sent before the first is answered. */
const reasonsAhead = (client: typeof bounded, times: number) =>
  Promise.all(Array.from({ length: times }, async () => (await ask(client, V2_1, query)).reason));

async function keyreeve(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runKeyreeve(server.home, args);
  t.equal(code, 0, stderr);
  return stdout;
}

interface EventRow {
  readonly operation: string;
  readonly resultReason: string;
  readonly detail: string;
}

async function events(kind: string): Promise<readonly EventRow[]> {
  const rows = (await server.administration.exportAudit()).split("\n").filter((line) => line.includes('"operation"'));
  return rows.map((line) => JSON.parse(line) as EventRow).filter(({ resultReason }) => resultReason === kind);
}

t.test("a client above its requests a second is refused at once, and its connection stays", async (t) => {
  const shown = await keyreeve("client", "change", "bounded", "--tenant", "demo", "--requests-per-second", "1");
  t.match(shown, /Quota: +1 requests a second/);
  const reasons = await reasonsOf(bounded, 6);
  t.same(reasons.slice(0, 2), [undefined, undefined], "twice the rate may come at once");
  t.ok(reasons.includes(ResultReason.ServerLimitExceeded));
  const older = (await reasonsOf(bounded, 4, V1_2)).filter((reason) => reason !== undefined);
  t.ok(older.length > 0);
  t.ok(
    older.every((reason) => reason === ResultReason.GeneralFailure),
    "1.x has no word of its own for it",
  );
  t.same(await reasonsOf(other, 6), Array(6).fill(undefined), "another client of the tenant is not concerned");
  const [event] = await events("quota-reached");
  t.match(event, { operation: "(event)", detail: /"why":"rate-of-client".*"client":"bounded"/ });
});

t.test(
  "a client that goes on asking is held back, others of its tenant are not, and it is served in the end",
  async (t) => {
    const operator = callerAs(readIdentity(join(server.home, "operators", "admin")), server.adminPort);
    const flood = reasonsAhead(bounded, 12);
    let heldBack = 0;
    while (heldBack === 0) {
      const { text } = await operator.ask("/metrics");
      heldBack = Number(/^keyreeve_connections_held_back\{listener="kmip"\} (\d+)$/m.exec(text)?.[1]);
      t.same(await reasonsOf(other, 1), [undefined]);
    }
    operator.close();
    t.equal(heldBack, 1);
    const reasons = await flood;
    t.equal(reasons.length, 12, "all are answered");
    t.ok(reasons.includes(ResultReason.ServerLimitExceeded));
  },
);

t.test("a bound is taken away again, and what a client may do else stays", async (t) => {
  const shown = await keyreeve("client", "change", "bounded", "--tenant", "demo", "--requests-per-second", "none");
  t.match(shown, /Quota: +none/);
  t.same(await reasonsOf(bounded, 6), Array(6).fill(undefined));
});

t.test("a tenant above its keys a minute makes no more, and does everything else", async (t) => {
  const shown = await keyreeve("tenant", "set", "demo", "--keys-per-minute", "6", "--concurrent-requests", "3");
  t.match(shown, /Quota: +3 requests at once, 6 keys a minute/);
  const create = { operation: Operation.Create, payload: createKeyPayload() };
  t.equal((await ask(other, V2_1, create)).reason, undefined);
  const refused = await ask(bounded, V2_1, { operation: Operation.Create, payload: aesKey() });
  t.equal(refused.reason, ResultReason.ServerLimitExceeded);
  t.match(refused.message, /keys a minute.*try again/);
  t.same(await reasonsOf(bounded, 3), Array(3).fill(undefined));
  const rows = (await server.administration.exportAudit()).split("\n");
  t.ok(
    rows.some((row) => row.includes('"operation":"Create"') && row.includes('"ServerLimitExceeded"')),
    "a batch item that was refused has a row of its own",
  );
  await keyreeve("tenant", "set", "demo", "--keys-per-minute", "none", "--concurrent-requests", "none");
  t.equal((await ask(other, V2_1, create)).reason, undefined);
});

t.test("requests above what may be in work at once wait, and are all done", async (t) => {
  await keyreeve("client", "change", "bounded", "--tenant", "demo", "--concurrent-requests", "1");
  const clients = await Promise.all(Array.from({ length: 6 }, () => connectTo(server, { identity })));
  const answers = await Promise.all(clients.map((client) => reasonsOf(client, 5)));
  t.same(answers.flat(), Array(30).fill(undefined));
  await Promise.all(clients.map((client) => client.close()));
});

t.test("a bound out of range is refused", async (t) => {
  const zero = await runKeyreeve(server.home, ["tenant", "set", "demo", "--keys-per-minute", "0"]);
  t.match(zero.stderr, /whole number from 1 to 1000000. Or `none`/);
  await t.rejects(server.administration.changeClient("demo", "bounded", '{"quota":{"requestsPerSecond":-1}}'));
  const operator = callerAs(readIdentity(join(server.home, "operators", "admin")), server.adminPort);
  const body = JSON.stringify({ quota: { concurrentRequests: 10_001 } });
  for (const path of ["/v1/tenants/demo/settings", "/v1/tenants/demo/clients/bounded/change"]) {
    t.equal((await operator.ask({ method: "POST", path, body })).status, 400, path);
  }
  operator.close();
});
