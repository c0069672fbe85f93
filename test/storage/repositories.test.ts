import { randomUUID } from "node:crypto";
import t from "tap";
import { change } from "#storage/changes.js";
import { onEveryDatabase } from "#test/support/databases.js";
import { clientRow, newObject, tenantRow } from "#test/support/rows.js";

await onEveryDatabase(t, async (t, { database }) => {
  await t.test("a tenant is found by id and name and changed", async (t) => {
    const tenant = tenantRow();
    await database.commit([change("tenants", "create", tenant)]);
    t.same(await database.read.tenants.byId(tenant.id), tenant);
    t.same(await database.read.tenants.byName(tenant.name), tenant);
    await database.commit([change("tenants", "update", tenant.id, { state: "suspended", changedAt: 2 })]);
    t.same(await database.read.tenants.byId(tenant.id), { ...tenant, state: "suspended", changedAt: 2 });
    t.ok((await database.read.tenants.list()).some(({ id }) => id === tenant.id));
    t.equal(await database.read.tenants.byName("nobody"), null);
  });

  await t.test("a change of a tenant that does not exist is a conflict", async (t) => {
    await t.rejects(database.commit([change("tenants", "update", "none", { state: "active" })]), { code: "conflict" });
  });

  await t.test("a client is identified by the fingerprint of its certificate", async (t) => {
    const tenant = tenantRow();
    const client = clientRow(tenant.id);
    const certificate = {
      fingerprint: randomUUID().replaceAll("-", "").repeat(2),
      clientId: client.id,
      tenantId: tenant.id,
      subject: "CN=demo-client",
      issuer: "CN=CA",
      serialNumber: "0a",
      notBefore: 1,
      notAfter: 2,
      state: "active",
      pem: "PEM",
      vouchedBy: null,
    } as const;
    await database.commit([
      change("tenants", "create", tenant),
      change("clients", "create", client),
      change("clients", "addCertificate", certificate),
    ]);
    t.same(await database.read.clients.byFingerprint(certificate.fingerprint), {
      client,
      certificate,
      tenant,
      credentials: [],
      settings: [],
    });
    t.equal(await database.read.clients.byFingerprint("00"), null);
    await database.commit([
      change("clients", "setCertificateState", tenant.id, certificate.fingerprint, "revoked"),
      change("clients", "update", tenant.id, client.id, { state: "revoked", revokedAt: 5 }),
    ]);
    t.match(await database.read.clients.byFingerprint(certificate.fingerprint), {
      client: { state: "revoked", revokedAt: 5 },
      certificate: { state: "revoked" },
    });
    t.same(await database.read.clients.byName(tenant.id, client.name), { ...client, state: "revoked", revokedAt: 5 });
    t.equal((await database.read.clients.certificates(tenant.id, client.id)).length, 1);
    t.equal((await database.read.clients.list(tenant.id)).length, 1);
  });

  await t.test("the same client name in another tenant is another client", async (t) => {
    const [one, other] = [tenantRow(), tenantRow()];
    await database.commit([
      change("clients", "create", clientRow(one.id, { name: "same" })),
      change("clients", "create", clientRow(other.id, { name: "same" })),
    ]);
    await t.rejects(database.commit([change("clients", "create", clientRow(one.id, { name: "same" }))]), {
      code: "duplicate",
      constraint: "clients.name",
    });
  });

  await t.test("credentials are kept by username and removed", async (t) => {
    const tenantId = randomUUID();
    const unused = { kind: "password", sealedSecrets: Buffer.from([1]), lastUsed: null };
    const credential = { clientId: "c", tenantId, username: "u", passwordHash: "scrypt", createdAt: 3, ...unused };
    await database.commit([change("clients", "addCredential", credential)]);
    t.same(await database.read.clients.credential(tenantId, "u"), credential);
    await database.commit([change("clients", "useCredential", tenantId, "u", 5)]);
    for (const earlier of [5, 4]) {
      const again = database.commit([change("clients", "useCredential", tenantId, "u", earlier)]);
      await t.rejects(again, { code: "conflict" });
    }
    t.same(await database.read.clients.credentials(tenantId, "c"), [{ ...credential, lastUsed: 5 }]);
    await database.commit([change("clients", "removeCredential", tenantId, "u")]);
    t.equal(await database.read.clients.credential(tenantId, "u"), null);
  });

  await t.test("another tenant's object is not there", async (t) => {
    const object = newObject(randomUUID());
    await database.commit([change("objects", "create", object)]);
    t.equal(await database.read.objects.byId("another", object.row.id), null);
    t.same(await database.read.objects.byIds("another", [object.row.id]), []);
    t.same((await database.read.objects.locate("another", [], { limit: 10 })).ids.count, 0);
  });

  await t.test("all objects of a tenant come page by page, oldest first", async (t) => {
    const tenantId = randomUUID();
    const objects = Array.from({ length: 7 }, () => newObject(tenantId));
    await database.commit(objects.map((object) => change("objects", "create", object)));
    const ids: string[] = [];
    for (let after = 0; ; ) {
      const page = await database.read.objects.page(tenantId, after, 3);
      const last = page.at(-1);
      if (last === undefined) break;
      ids.push(...page.map(({ id }) => id));
      after = last.creationOrder;
    }
    t.same(
      ids,
      objects.map(({ row }) => row.id),
    );
  });

  await t.test("an intent is open until it is closed, once", async (t) => {
    const intent = {
      id: randomUUID(),
      tenantId: "t",
      nodeId: "node-1",
      kind: "generate",
      objectId: "o",
      tokenId: Buffer.alloc(16, 1),
      createdAt: 10,
      detail: "{}",
    };
    await database.commit([change("intents", "open", intent)]);
    t.same(await database.read.intents.olderThan(11, 10), [intent]);
    t.same(await database.read.intents.olderThan(10, 10), []);
    await database.commit([change("intents", "close", intent.id)]);
    await t.rejects(database.commit([change("intents", "close", intent.id)]), { code: "conflict" });
  });

  await t.test("server state, nodes and operators are kept", async (t) => {
    const operator = { fingerprint: "ff", name: "ops", role: "administrator", state: "active", createdAt: 1 } as const;
    const node = { id: "node-1", name: "here", startedAt: 1, softwareVersion: "0.1.0" };
    await database.commit([
      change("serverState", "set", "key", "one"),
      change("serverState", "set", "key", "two"),
      change("nodes", "register", node),
      change("nodes", "register", { ...node, startedAt: 2 }),
      change("operators", "create", operator),
      change("operators", "setState", "ff", "revoked"),
    ]);
    t.equal(await database.read.serverState.get("key"), "two");
    t.equal(await database.read.serverState.get("none"), null);
    t.same(await database.read.nodes.list(), [{ ...node, startedAt: 2 }]);
    t.same(await database.read.operators.byFingerprint("ff"), { ...operator, state: "revoked" });
    t.equal((await database.read.operators.list()).length, 1);
  });
});
