import t from "tap";
import { createAdminApplication } from "#src/admin/server.js";
import { silentLog } from "#src/telemetry/log.js";
import { callerAs, firstOperator, startWithAdmin } from "#test/support/admin.js";

/** Every route, method and path as the OpenAPI document writes them. */
const routes = [
  "GET /health/live",
  "GET /health/ready",
  "GET /metrics",
  "GET /openapi.json",
  "GET /v1/version",
  "GET /v1/traces",
  "GET /v1/traces/{trace}/text",
  "POST /v1/traces",
  "POST /v1/traces/{trace}/stop",
  "GET /v1/status",
  "GET /v1/hsm",
  "GET /v1/tenants",
  "POST /v1/tenants",
  "GET /v1/tenants/{tenant}",
  "GET /v1/tenants/{tenant}/authorities",
  "POST /v1/tenants/{tenant}/settings",
  "POST /v1/tenants/{tenant}/suspend",
  "POST /v1/tenants/{tenant}/resume",
  "GET /v1/clients",
  "POST /v1/tenants/{tenant}/clients",
  "POST /v1/tenants/{tenant}/clients/{client}/change",
  "POST /v1/tenants/{tenant}/clients/{client}/revoke",
  "GET /v1/tenants/{tenant}/clients/{client}/credentials",
  "POST /v1/tenants/{tenant}/clients/{client}/credentials",
  "POST /v1/tenants/{tenant}/clients/{client}/credentials/remove",
  "GET /v1/tenants/{tenant}/destinations",
  "POST /v1/tenants/{tenant}/destinations",
  "POST /v1/tenants/{tenant}/destinations/{destination}/remove",
  "POST /v1/tenants/{tenant}/destinations/{destination}/put",
  "POST /v1/tenants/{tenant}/sign-client",
  "POST /v1/tenants/{tenant}/clients/{name}/renew",
  "GET /v1/pending-clients",
  "POST /v1/pending-clients/{fingerprint}/accept",
  "POST /v1/pending-clients/{fingerprint}/reject",
  "GET /v1/tenants/{tenant}/trusted-authorities",
  "POST /v1/tenants/{tenant}/trusted-authorities",
  "GET /v1/tenants/{tenant}/trusted-authorities/{name}",
  "POST /v1/tenants/{tenant}/trusted-authorities/{name}/remove",
  "POST /v1/tenants/{tenant}/trusted-authorities/{name}/revocation-lists",
  "GET /v1/tasks",
  "GET /v1/tasks/{task}",
  "POST /v1/tasks/{task}/cancel",
  "GET /v1/tenants/{tenant}/key-encryption-keys",
  "POST /v1/tenants/{tenant}/rotate-kek",
  "POST /v1/tenants/{tenant}/migrate-keys",
  "POST /v1/tenants/{tenant}/scan-integrity",
  "GET /v1/audit",
  "POST /v1/audit/verify",
  "GET /v1/audit/export",
];

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const server = await startWithAdmin();
t.teardown(() => server.end());
const operator = callerAs(firstOperator(server), server.adminPort);
t.teardown(() => operator.close());
const document = (await operator.json("/openapi.json")) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

const post = (path: string, body: object = {}) => operator.json({ method: "POST", path, body: JSON.stringify(body) });
const lines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

t.test("the OpenAPI document lists every route and no other", async (t) => {
  t.same(operations.map(({ method, path }) => `${method} ${path}`).sort(), [...routes].sort());
  t.match(document.openapi, /^3\.0\./);
});

t.test("every operation of the document has a summary, its path parameters and the schema of its answer", async (t) => {
  for (const { method, path, operation } of operations) {
    const declared = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === "path")
      .map(({ name }) => name);
    t.ok(operation.summary, `${method} ${path} has a summary`);
    t.same(
      declared,
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      `${method} ${path} has its parameters`,
    );
    t.match(JSON.stringify(operation.responses), /"schema"/, `${method} ${path} says what it answers`);
  }
});

t.test("every reference in the document resolves", async (t) => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  t.ok(references.length > 10);
  for (const [, name = ""] of references) t.ok(name in document.components.schemas, name);
  t.notMatch(JSON.stringify(document), /"\$ref":"(?!#\/components\/schemas\/)/);
});

t.test("every schema of a route compiles, though a server does that only when it is first used", async (t) => {
  const application = await createAdminApplication({
    database: server.runtime.database,
    health: server.health,
    metrics: { exposition: async () => ({ contentType: "", text: "" }) },
    log: silentLog(),
    administrationOf: () => {
      throw new Error("nobody asks");
    },
    host: "127.0.0.1",
    port: 0,
    tls: {},
    limits: server.runtime.configuration.admin.limits,
    onHandshakeFailure: () => undefined,
  });
  t.ok(application.hasRoute({ method: "GET", url: "/v1/status" }));
  await application.close();
});

t.test("probes say whether the server lives and is ready", async (t) => {
  t.match(await operator.json("/health/live"), { healthy: true });
  t.match(await operator.json("/health/ready"), {
    healthy: true,
    parts: [
      { name: "kmip", healthy: true, reason: null },
      { name: "https", healthy: true, reason: null },
      { name: "database", healthy: true },
      { name: "hsm", healthy: true },
    ],
  });
});

t.test("metrics are in the format of Prometheus", async (t) => {
  const { status, headers, text } = await operator.ask("/metrics");
  t.equal(status, 200);
  t.match(headers["content-type"], /^text\/plain/);
  t.match(text, /^# TYPE keyreeve_requests_total counter$/m);
  t.match(text, /^keyreeve_hsm_queue_calls\{partition="root"\} \d+$/m);
});

t.test("version, status and HSM are told", async (t) => {
  t.match(await operator.json("/v1/version"), { version: /^\d+\.\d+\.\d+/, kmip: ["1.0", "1.1"] });
  t.match(await operator.json("/v1/status"), {
    running: true,
    ready: true,
    kmipPort: server.kmipPort,
    tenants: Number,
  });
  const { mechanisms } = (await operator.json("/v1/hsm")) as { mechanisms: { name: string; flags: string[] }[] };
  t.match(
    mechanisms.find(({ name }) => name === "CKM_AES_GCM"),
    { flags: ["encrypt", "decrypt"] },
  );
  t.match(await operator.json("/v1/hsm?tenant=demo"), { partition: "demo", tokenLabel: /^keyreeve-/ });
});

t.test("a tenant is made, shown, suspended and resumed, and its clients are issued and revoked", async (t) => {
  t.match(await post("/v1/tenants", { name: "acme", custody: "token" }), { name: "acme", custody: "token" });
  t.match(await operator.json("/v1/tenants"), [{ name: "acme" }, { name: "demo" }]);
  t.match(await post("/v1/tenants/acme/clients", { name: "backup", days: 10 }), { folder: /acme\/backup$/ });
  t.match(await operator.json("/v1/clients?tenant=acme"), [{ name: "backup", tenant: "acme", state: "active" }]);
  t.match(await post("/v1/tenants/acme/clients/backup/revoke"), { state: "revoked" });
  t.match(await post("/v1/tenants/acme/suspend"), { state: "suspended" });
  t.match(await operator.json("/v1/tenants/acme"), { state: "suspended" });
  await t.rejects(operator.json("/v1/tenants/acme/authorities"), /not-found/, "the first Certify makes it");
  t.match(await post("/v1/tenants/acme/resume"), { state: "active" });
});

t.test("every change stands in the audit trail under the operator's name", async (t) => {
  const rows = await operator.json("/v1/audit?tenant=acme");
  t.match(
    rows,
    ["Resume Tenant", "Suspend Tenant", "Revoke Client", "Issue Client", "Create Tenant"].map((operation) => ({
      operation,
      clientName: "admin",
      tenant: "acme",
      outcome: "success",
      sourceAddress: /127\.0\.0\.1|::1/,
      certificateFingerprint: /^[0-9a-f]{64}$/,
    })),
  );
});

t.test("a change that is refused stands in the audit trail with the reason", async (t) => {
  const { status, text } = await operator.ask({ method: "POST", path: "/v1/tenants/nobody/suspend" });
  t.equal(status, 404);
  t.match(JSON.parse(text), { code: "not-found", message: 'there is no tenant "nobody"', requestId: String });
  t.match(await operator.json("/v1/audit?tenant=server&limit=1"), [
    { operation: "Suspend Tenant", outcome: "failure", resultReason: "not-found", detail: /nobody/ },
  ]);
});

t.test("filters of the audit trail restrict it", async (t) => {
  t.match(await operator.json("/v1/audit?operation=Create%20Tenant&client=admin&since=1h&outcome=success&limit=5"), [
    { operation: "Create Tenant", tenant: "acme" },
  ]);
  t.same(await operator.json("/v1/audit?until=2020-01-01"), []);
  t.same(await operator.json("/v1/audit?object=none"), []);
});

t.test("verification streams a finding for each chain", async (t) => {
  const { status, headers, text } = await operator.ask({ method: "POST", path: "/v1/audit/verify" });
  t.equal(status, 200);
  t.equal(headers["content-type"], "application/x-ndjson");
  const findings = lines(text) as { tenant: string; fault: unknown }[];
  t.same(findings.map(({ tenant }) => tenant).sort(), ["acme", "demo", "server"]);
  t.ok(findings.every(({ fault }) => fault === null));
});

t.test("the export streams rows of a tenant in their order", async (t) => {
  const { text } = await operator.ask("/v1/audit/export?tenant=acme");
  const rows = lines(text) as { sequence: number; tenant: string }[];
  t.same(
    rows.map(({ sequence }) => sequence),
    [1, 2, 3, 4, 5],
  );
  t.ok(rows.every(({ tenant }) => tenant === "acme"));
});

t.test("a stream that cannot begin is answered with its error", async (t) => {
  t.match(await operator.ask("/v1/audit/export?tenant=nobody"), { status: 404, text: /there is no tenant/ });
});

t.test("a request that makes no sense is refused with what is wrong", async (t) => {
  const refused: readonly (readonly [string, string, string | undefined, number, RegExp])[] = [
    ["GET", "/v1/audit?tennant=acme", undefined, 400, /additional properties/],
    ["GET", "/v1/audit?limit=0", undefined, 400, /limit/],
    ["GET", "/v1/audit?since=yesterday", undefined, 400, /since is a time such as/],
    ["POST", "/v1/tenants", '{"name":"../x"}', 400, /1 to 63 letters/],
    ["POST", "/v1/tenants", '{"name":"server"}', 400, /stands for the server itself/],
    ["POST", "/v1/tenants", '{"name":"acme"}', 409, /already/],
    ["POST", "/v1/tenants", '{"name":"acme","custody":"software"}', 400, /custody/],
    ["POST", "/v1/tenants", '{"name"', 400, /JSON/],
    ["POST", "/v1/tenants", `{"name":"${"x".repeat(1_100_000)}"}`, 413, /too large/],
    ["DELETE", "/v1/tenants/acme", undefined, 404, /openapi/],
  ];
  for (const [method, path, body, status, words] of refused) {
    const request = { method, path, ...(body === undefined ? {} : { body }) };
    const caller = callerAs(firstOperator(server), server.adminPort);
    const answer = await caller.ask(request);
    caller.close();
    t.equal(answer.status, status, `${method} ${path}`);
    t.match(JSON.parse(answer.text), { code: String, message: words, requestId: answer.headers["x-request-id"] });
  }
});
