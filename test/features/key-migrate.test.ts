import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  ObjectType,
  Operation,
  ProtectionStorageMask,
  ResultReason,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import type { TaskReport } from "#src/administration/tasks.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { endOf, operatorOf } from "#test/support/operator.js";
import { opened, type Sealed, sealedByNewKey, sealedSecret, sealUnder } from "#test/support/sealed.js";
import { connectTo, runKeyreeve, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer();
const client = await connectTo(server);
const operator = operatorOf(server);
t.teardown(async () => {
  operator.close();
  await client.close();
  await server.stop();
});

const actions = actionsOf(client, V2_1);
const { create, activate, act, value, revoke, destroy } = actions;

async function migrate(order: Omit<Parameters<typeof operator.migrateKeys>[0], "tenant">): Promise<TaskReport> {
  return endOf(operator, (await operator.migrateKeys({ tenant: "demo", ...order })).id);
}

async function activeKey(...more: readonly AttributeInstance[]): Promise<string> {
  const id = await create(...more);
  await activate(id);
  return id;
}

t.test("a wrapped key that moves into the token is the same key, and stays there from then on", async (t) => {
  const id = await activeKey();
  const sealed = await sealUnder(act, id);
  t.match(await migrate({ to: "token", objects: [id] }), { state: "done", done: 1, skipped: 0, failed: 0 });
  t.same(await opened(act, { id, ...sealed }), sealedSecret);
  t.equal(await value(id, attributes.protectionStorageMask), ProtectionStorageMask.Hardware);
  t.equal(await value(id, attributes.extractable), false);
  t.equal(await value(id, attributes.neverExtractable), false);
  const got = await ask(client, V2_1, { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } });
  t.equal(got.reason, ResultReason.NotExtractable);
  t.match(await migrate({ to: "wrapped", objects: [id] }), {
    skipped: 1,
    findings: [{ kind: "skipped", subject: id, reason: /never gives it out/ }],
  });
  t.same(await opened(act, { id, ...sealed }), sealedSecret);
  await revoke(id);
  await destroy(id);
});

t.test("a private key signs in the token as before", async (t) => {
  const pair = await askFor<{ privateKeyUniqueIdentifier: string; publicKeyUniqueIdentifier: string }>(
    client,
    V2_1,
    Operation.CreateKeyPair,
    {
      commonAttributes: requested(
        instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.RSA),
        instance(attributes.cryptographicLength, 2048),
      ),
      privateKeyAttributes: requested(
        instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign),
        instance(attributes.activationDate, 1),
      ),
      publicKeyAttributes: requested(
        instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify),
        instance(attributes.activationDate, 1),
      ),
    },
  );
  const { privateKeyUniqueIdentifier: id, publicKeyUniqueIdentifier } = pair;
  t.match(await migrate({ to: "token", objects: [id] }), { state: "done", skipped: 0, failed: 0 });
  const parameters = { cryptographicParameters: { digitalSignatureAlgorithm: 5 }, data: sealedSecret };
  const { signatureData } = await act<{ signatureData: Buffer }>(Operation.Sign, id, parameters);
  const verified = await act<{ validityIndicator: number }>(Operation.SignatureVerify, publicKeyUniqueIdentifier, {
    ...parameters,
    signatureData,
  });
  t.equal(verified.validityIndicator, 1);
});

t.test("a key goes into software and out again where its attributes allow that", async (t) => {
  const [free, sensitive, kept] = [
    await activeKey(),
    await activeKey(instance(attributes.sensitive, true)),
    await activeKey(instance(attributes.extractable, false)),
  ];
  const sealed = await sealUnder(act, free);
  const there = await migrate({ to: "software", objects: [free, sensitive, kept] });
  t.match(there, { state: "done", done: 3, skipped: 2, failed: 0 });
  t.match(there.findings.find(({ subject }) => subject === sensitive)?.reason, /Sensitive/);
  t.match(there.findings.find(({ subject }) => subject === kept)?.reason, /not Extractable/);
  t.same(await opened(act, { id: free, ...sealed }), sealedSecret);
  t.equal(await value(free, attributes.protectionStorageMask), ProtectionStorageMask.Software);
  t.match(await migrate({ to: "wrapped", objects: [free] }), { state: "done", skipped: 0, failed: 0 });
  t.same(await opened(act, { id: free, ...sealed }), sealedSecret);
  t.match(await migrate({ to: "software", objects: [free] }), { state: "done", skipped: 0, failed: 0 });
  t.match(await migrate({ to: "token", objects: [free] }), { state: "done", skipped: 0, failed: 0 });
  t.same(await opened(act, { id: free, ...sealed }), sealedSecret);
});

t.test("keys can be used, changed and destroyed while all of them move", async (t) => {
  const keys: Sealed[] = [];
  for (let count = 0; count < 20; count += 1) keys.push(await sealedByNewKey(actions));
  const registered = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Register, {
    objectType: ObjectType.SecretData,
    attributes: requested(),
    secretData: {
      secretDataType: 1,
      keyBlock: { keyFormatType: 2, keyValue: { keyMaterial: Buffer.from("a password of 21 bytes") } },
    },
  });
  const { id } = await operator.migrateKeys({ tenant: "demo", to: "token", from: "wrapped", type: "symmetric-key" });
  const ended = endOf(operator, id);
  const [gone] = keys.splice(0, 1);
  if (gone === undefined) throw new RangeError("there are keys");
  await revoke(gone.id);
  await destroy(gone.id);
  for (const key of keys) {
    t.same(await opened(act, key), sealedSecret);
    await act(Operation.AddAttribute, key.id, { newAttribute: instance(attributes.comment, "while it moved") });
  }
  t.match(await ended, { state: "done", failed: 0, lastError: null });
  for (const key of keys) {
    t.equal(await value(key.id, attributes.protectionStorageMask), ProtectionStorageMask.Hardware);
    t.equal(await value(key.id, attributes.comment), "while it moved");
    t.same(await opened(act, key), sealedSecret);
  }
  await act(Operation.Get, registered.uniqueIdentifier);
  const scanned = await endOf(operator, (await operator.scanIntegrity({ tenant: "demo", deep: true })).id);
  t.match(scanned, { state: "done", failed: 0, skipped: 0, findings: [] });
});

t.test("each key that moved is in the audit twice: that it was to move, and that it did", async (t) => {
  const rows = await operator.listAudit({ tenant: "demo", operation: "Migrate Key", limit: 1000 });
  const moved = rows.filter(({ outcome }) => outcome === "success");
  t.ok(moved.length >= 20);
  t.ok(moved.every(({ clientName, objectId }) => clientName === "admin" && objectId !== null));
  const intended = new Set(rows.filter(({ outcome }) => outcome === "intent").map(({ objectId }) => objectId));
  t.ok(moved.every(({ objectId, detail }) => intended.has(objectId) || !(detail ?? "").includes("token")));
});

t.test("the command says which keys were left as they were, and refuses what makes no sense", async (t) => {
  const id = await activeKey(instance(attributes.sensitive, true));
  const command = ["key", "migrate", "demo", "--to", "software"];
  const told = await runKeyreeve(server.home, [...command, "--object", id, "--wait"]);
  t.equal(told.code, 0, told.stderr);
  t.match(told.stdout, new RegExp(`left +${id} +the key is Sensitive`));
  t.equal((await runKeyreeve(server.home, command)).code, 2);
  t.equal((await runKeyreeve(server.home, [...command, "--all", "--object", id])).code, 2);
  t.equal((await runKeyreeve(server.home, ["key", "migrate", "nobody", "--to", "token", "--all"])).code, 1);
});
