import t from "tap";
import { createCertificateAuthority } from "#certs/certificates.js";
import { callerAs, firstOperator, startWithAdmin } from "#test/support/admin.js";

/** What stands in a path after a tenant, with what is there of it in the other tenant and nowhere. */
const names = { client: "theirs", name: "theirs", destination: "their-destination" } as const;
const nowhere = "nobody";

/** What routes of two names are sent. */
const bodies: Readonly<Record<string, object>> = {
  "/v1/tenants/{tenant}/clients/{client}/change": { permissions: ["use"] },
  "/v1/tenants/{tenant}/clients/{client}/revoke": {},
  "/v1/tenants/{tenant}/clients/{client}/credentials": { username: "their-user", password: "a password of theirs" },
  "/v1/tenants/{tenant}/clients/{client}/credentials/remove": { username: "their-user" },
  "/v1/tenants/{tenant}/clients/{name}/renew": {},
  "/v1/tenants/{tenant}/destinations/{destination}/remove": {},
  "/v1/tenants/{tenant}/destinations/{destination}/put": { object: "5b9e0f0e-9c6f-4a2e-8f63-0a7a2d9b7b11" },
  "/v1/tenants/{tenant}/trusted-authorities/{name}/remove": {},
  "/v1/tenants/{tenant}/trusted-authorities/{name}/revocation-lists": { lists: null },
};

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const server = await startWithAdmin();
t.teardown(() => server.end());
const operator = callerAs(firstOperator(server), server.adminPort);
t.teardown(() => operator.close());
const post = (path: string, body: object) => operator.json({ method: "POST", path, body: JSON.stringify(body) });

await post("/v1/tenants", { name: "others" });
await post("/v1/tenants/others/clients", { name: "theirs" });
await post("/v1/tenants/others/destinations", { name: "their-destination", client: "theirs" });
await post("/v1/tenants/others/clients/theirs/credentials", { username: "their-user", password: "their password" });
const { certificatePem } = await createCertificateAuthority({ commonName: "Theirs", validityDays: 1 });
const rules = { subject: { O: "Theirs" } };
await post("/v1/tenants/others/trusted-authorities", { name: "theirs", certificates: certificatePem, rules });

/** Everything of the other tenant that an operator sees. */
const standing = (): Promise<unknown[]> =>
  Promise.all(
    [
      "/v1/tenants/others",
      "/v1/clients?tenant=others",
      "/v1/tenants/others/clients/theirs/credentials",
      "/v1/tenants/others/destinations",
      "/v1/tenants/others/trusted-authorities",
    ].map((path) => operator.json(path)),
  );

const { paths } = (await operator.json("/openapi.json")) as Document;
const routes = Object.entries(paths).flatMap(([path, methods]) =>
  /\{tenant\}.*\{/.test(path) ? Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })) : [],
);

t.test("there are routes that name something of a tenant", async (t) => {
  t.ok(routes.length >= 9, `${routes.length} routes`);
});

for (const { path, method } of routes) {
  t.test(`${method} ${path} does not find in one tenant what another has`, async (t) => {
    const parameter = Object.keys(names).find((name) => path.includes(`{${name}}`)) as keyof typeof names | undefined;
    if (parameter === undefined) throw new Error("this test does not know what the path names: add it");
    if (method !== "GET" && bodies[path] === undefined) throw new Error("this test has no body for the route: add it");
    const body = method === "GET" ? undefined : JSON.stringify(bodies[path]);
    const ask = async (named: string) => {
      const filled = path.replace("{tenant}", "demo").replace(`{${parameter}}`, named);
      const answer = await operator.ask({ method, path: filled, ...(body !== undefined && { body }) });
      return { ...answer, said: { ...JSON.parse(answer.text.replaceAll(named, "NAMED")), requestId: "" } };
    };
    const before = await standing();
    const theirs = await ask(names[parameter]);
    const missing = await ask(nowhere);
    t.equal(theirs.status, 404);
    t.equal(missing.status, 404);
    t.same(theirs.said, missing.said);
    t.same(await standing(), before, "nothing of the other tenant has changed");
  });
}
