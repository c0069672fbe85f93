import t from "tap";
import { change } from "#storage/changes.js";
import { anOperator, callerAs, firstOperator, startWithAdmin } from "#test/support/admin.js";
import type { ClientIdentity } from "#test/support/kmip-client.js";
import { clientFolder, readIdentity } from "#test/support/server.js";

const server = await startWithAdmin();
t.teardown(() => server.end());
const admin = callerAs(firstOperator(server), server.adminPort);
t.teardown(() => admin.close());

interface Ending {
  teardown(end: () => void): void;
}

function caller(t: Ending, identity: ClientIdentity): ReturnType<typeof callerAs> {
  const made = callerAs(identity, server.adminPort);
  t.teardown(() => made.close());
  return made;
}

const suspendDemo = { method: "POST", path: "/v1/tenants/demo/suspend" };
const codeOf = (text: string): unknown => (JSON.parse(text) as { code: unknown }).code;

/** The newest row of the server's chain once it has this reason: a refused client is gone before its row is written. */
async function newestRow(resultReason: string): Promise<unknown> {
  const until = performance.now() + 5000;
  for (;;) {
    const rows = (await admin.json("/v1/audit?tenant=server&limit=1")) as { resultReason: string }[];
    if (rows[0]?.resultReason === resultReason || performance.now() > until) return rows;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

t.test("a KMIP client's certificate gets no connection, and the attempt is audited", async (t) => {
  const client = caller(t, readIdentity(clientFolder(server.home)));
  await t.rejects(client.ask("/health/live"));
  t.match(await newestRow("unknown-authority"), [
    { operation: "(connection)", outcome: "failure", resultReason: "unknown-authority", detail: /admin/ },
  ]);
});

t.test("without a certificate there is no connection", async (t) => {
  const { authority } = firstOperator(server);
  await t.rejects(caller(t, { authority }).ask("/health/live"));
  t.match(await newestRow("no-client-certificate"), [{ resultReason: "no-client-certificate" }]);
});

t.test("who is no registered operator may probe, without reasons, and nothing else", async (t) => {
  const stranger = caller(t, await anOperator(server, "stranger", null));
  t.same(JSON.parse((await stranger.ask("/health/ready")).text), { healthy: true });
  for (const path of ["/metrics", "/v1/tenants", "/openapi.json", "/nothing"]) {
    const { status, text } = await stranger.ask(path);
    t.equal(status, 403, path);
    t.match(JSON.parse(text), { code: "not-an-operator", message: /not registered/ });
  }
});

t.test("refused requests are audited with the certificate", async (t) => {
  const stranger = await anOperator(server, "stranger", null);
  await caller(t, stranger).ask(suspendDemo);
  t.match(await admin.json("/v1/audit?tenant=server&limit=1"), [
    {
      operation: "(admin request)",
      clientName: "(unknown)",
      certificateFingerprint: stranger.fingerprint,
      outcome: "failure",
      resultReason: "not-an-operator",
      detail: '{"method":"POST","route":"/v1/tenants/:tenant/suspend"}',
    },
  ]);
});

t.test("after five refusals in a minute a certificate must wait, and others need not", async (t) => {
  const identity = await anOperator(server, "insistent", null);
  const insistent = caller(t, identity);
  for (let attempt = 1; attempt <= 5; attempt += 1) t.equal((await insistent.ask("/v1/tenants")).status, 403);
  const { status, headers, text } = await insistent.ask("/v1/tenants");
  t.equal(status, 429);
  t.match(headers["retry-after"], /^[1-6]?\d$/);
  t.equal(codeOf(text), "too-many-failures");
  t.equal((await insistent.ask("/health/live")).status, 429);
  t.match(await admin.json("/health/live"), { healthy: true });
  const rows = (await admin.json("/v1/audit?tenant=server")) as { certificateFingerprint: string }[];
  t.equal(rows.filter((row) => row.certificateFingerprint === identity.fingerprint).length, 5);
});

t.test("an auditor may look but not change", async (t) => {
  const auditor = caller(t, await anOperator(server, "auditor", "auditor"));
  t.match(await auditor.json("/v1/tenants"), [{ name: "demo" }]);
  t.match(await auditor.ask({ method: "POST", path: "/v1/audit/verify" }), { status: 200 });
  const { status, text } = await auditor.ask(suspendDemo);
  t.equal(status, 403);
  t.equal(codeOf(text), "not-permitted");
  t.match(await admin.json("/v1/tenants/demo"), { state: "active" });
});

t.test("an operator that is revoked is refused at once on an open connection", async (t) => {
  const identity = await anOperator(server, "leaver", "administrator");
  const leaver = caller(t, identity);
  t.match(await leaver.json("/v1/tenants"), [{ name: "demo" }]);
  await server.runtime.database.commit([change("operators", "setState", identity.fingerprint, "revoked")]);
  t.match(await leaver.ask("/v1/tenants"), { status: 403, text: /revoked/ });
});

t.test("a browser's request for a page of another origin is refused", async (t) => {
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
    const browser = caller(t, await anOperator(server, `browser-${Object.keys(headers)[0]}`, "administrator"));
    const { status, text } = await browser.ask({ ...suspendDemo, headers });
    t.equal(status, 403);
    t.equal(codeOf(text), "other-origin");
  }
  t.match(await admin.json("/v1/tenants/demo"), { state: "active" });
});

t.test("answers allow no other origin, set no cookie and are not kept", async (t) => {
  const { headers } = await admin.ask({
    path: "/v1/tenants",
    headers: { origin: `https://localhost:${server.adminPort}` },
  });
  t.match(headers, { "cache-control": "no-store", "x-content-type-options": "nosniff", "x-request-id": String });
  t.notOk("access-control-allow-origin" in headers);
  t.notOk("set-cookie" in headers);
});
