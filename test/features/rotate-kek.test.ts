import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import { ConnectionLost, type KmipClient } from "#test/support/kmip-client.js";
import { askFor } from "#test/support/kmip-client-messages.js";
import { endOf, operatorOf, untilTask } from "#test/support/operator.js";
import { opened, type Sealed, sealedByNewKey, sealedSecret } from "#test/support/sealed.js";
import { connectTo, runKeyreeve, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const home = startedHome();
writeFileSync(join(home, "keyreeve.yaml"), "tasks:\n  keyRetirementSeconds: 0\n  concurrency: 2\n");
let server = await startTestServer({ home });
let client = await connectTo(server);
let operator = operatorOf(server);
t.teardown(async () => {
  operator.close();
  await client.close();
  await server.stop();
});

/** A pair whose public key an authority has certified, so that the tenant has an authority. */
async function certify(by: KmipClient): Promise<void> {
  const pair = await askFor<{ publicKeyUniqueIdentifier: string }>(by, V2_1, Operation.CreateKeyPair, {
    commonAttributes: requested(instance(attributes.cryptographicAlgorithm, 6)),
    privateKeyAttributes: requested(),
    publicKeyAttributes: requested(),
  });
  await actionsOf(by, V2_1).act(Operation.Certify, pair.publicKeyUniqueIdentifier, { attributes: requested() });
}

const before: Sealed[] = [];
for (let count = 0; count < 250; count += 1) before.push(await sealedByNewKey(actionsOf(client, V2_1)));
const [first, changing] = before;
if (first === undefined || changing === undefined) throw new RangeError("there are keys");
await actionsOf(client, V2_1).act(Operation.AddAttribute, changing.id, {
  newAttribute: instance(attributes.comment, "before"),
});
const firstChanged = await actionsOf(client, V2_1).value(first.id, attributes.lastChangeDate);

/** Makes and changes keys until the server is gone or nothing more is asked for; gives the keys that were answered. */
async function load(isWanted: () => boolean): Promise<readonly Sealed[]> {
  const made: Sealed[] = [];
  const own = await connectTo(server);
  const { act } = actionsOf(own, V2_1);
  try {
    for (let count = 0; isWanted(); count += 1) {
      made.push(await sealedByNewKey(actionsOf(own, V2_1)));
      const newAttribute = instance(attributes.comment, `round ${count}`);
      await act(Operation.ModifyAttribute, changing?.id, { newAttribute });
      for (const each of before.slice(count % 200, (count % 200) + 5))
        t.same(await opened(actionsOf(own, V2_1).act, each), sealedSecret);
    }
    await own.close();
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
  }
  return made;
}

t.test("a rotation that a crash cuts off goes on, and every key is the same under the new version", async (t) => {
  await certify(client);
  const task = await operator.rotateKeyEncryptionKey({ tenant: "demo", removeOld: true });
  t.match(task, { kind: "rotate-kek", tenant: "demo", askedBy: "admin" });
  const loading = load(() => true);
  const atKill = await untilTask(operator, task.id, ({ done }) => done > 0);
  server.process.kill("SIGKILL");
  const during = await loading;
  await server.kill();
  await client.close();
  operator.close();
  t.equal(atKill.state, "running", "the crash came in the middle");

  server = await startTestServer({ home });
  client = await connectTo(server);
  operator = operatorOf(server);
  let isOver = false;
  const moreLoading = load(() => !isOver);
  const report = await endOf(operator, task.id);
  isOver = true;
  const after = await moreLoading;
  t.match(report, { state: "done", failed: 0, lastError: null });
  t.ok(report.done >= before.length);
  const wrong: string[] = [];
  for (const each of [...before, ...during, ...after]) {
    if (!(await opened(actionsOf(client, V2_1).act, each)).equals(sealedSecret)) wrong.push(each.id);
  }
  t.strictSame(wrong, []);
  const versions = await operator.keyEncryptionKeys("demo");
  t.match(versions, [{ version: 2, current: true }]);
  t.equal(versions.length, 1, "the old version is gone from the token");
  t.equal(await actionsOf(client, V2_1).value(first.id, attributes.lastChangeDate), firstChanged);
  await certify(client);
});

t.test("the beginning and the end of a rotation are in the audit, in the name of who asked for it", async (t) => {
  const rows = await operator.listAudit({ tenant: "demo", operation: "Rotate Key-Encryption Key" });
  t.match(rows, [
    { outcome: "success", clientName: "admin" },
    { outcome: "intent", clientName: "admin" },
  ]);
  t.match(await operator.listAudit({ tenant: "demo", events: true }), [{ resultReason: "task-finished" }]);
});

t.test("the command line shows the versions, waits for a rotation, and tells of tasks", async (t) => {
  const rotated = await runKeyreeve(home, ["tenant", "rotate-kek", "demo", "--wait"]);
  t.equal(rotated.code, 0, rotated.stderr);
  t.match(rotated.stdout, /State: +done/);
  const shown = await runKeyreeve(home, ["tenant", "show", "demo"]);
  t.match(shown.stdout, /Key-encryption key 2: +0 keys\nKey-encryption key 3: +\d+ keys \(current\)/);
  const listed = await runKeyreeve(home, ["task", "list", "--json"]);
  t.match(JSON.parse(listed.stdout), [{ kind: "rotate-kek", state: "done" }, { kind: "rotate-kek" }]);
  t.same(await opened(actionsOf(client, V2_1).act, first), sealedSecret);
});

t.test(
  "a second rotation of a tenant is refused while one is open, and a canceled one ends where it stands",
  async (t) => {
    const { id } = await operator.rotateKeyEncryptionKey({ tenant: "demo", removeOld: false });
    await t.rejects(operator.rotateKeyEncryptionKey({ tenant: "demo", removeOld: false }), { code: "exists" });
    t.equal((await operator.cancelTask(id)).state, "canceled");
    await t.rejects(operator.cancelTask(id), { code: "wrong-state" });
    t.same(await opened(actionsOf(client, V2_1).act, first), sealedSecret);
    const again = await operator.rotateKeyEncryptionKey({ tenant: "demo", removeOld: true });
    t.match(await endOf(operator, again.id), { state: "done", failed: 0 });
    t.equal((await operator.keyEncryptionKeys("demo")).length, 1);
    t.same(await opened(actionsOf(client, V2_1).act, first), sealedSecret);
  },
);

t.test("a tenant is shown also while its token is away, and a rotation waits for it to come back", async (t) => {
  const folder = join(home, "hsm");
  const tenant = readdirSync(folder).find((name) => name.startsWith("tenant-"));
  if (tenant === undefined) throw new RangeError("the tenant has a folder");
  const { id } = await operator.rotateKeyEncryptionKey({ tenant: "demo", removeOld: false });
  await endOf(operator, id);
  await client.close();
  operator.close();
  await server.stop({ keepHome: true });
  renameSync(join(folder, tenant), join(folder, "away"));
  server = await startTestServer({ home });
  operator = operatorOf(server);
  const shown = await runKeyreeve(home, ["tenant", "show", "demo"]);
  t.equal(shown.code, 0, shown.stderr);
  t.match(shown.stdout, /Tenant: +demo/);
  t.match(shown.stdout, /key-encryption keys cannot be told/);
  const rotation = await operator.rotateKeyEncryptionKey({ tenant: "demo", removeOld: false });
  t.match(await untilTask(operator, rotation.id, ({ lastError }) => lastError !== null), { state: "waiting" });
  renameSync(join(folder, "away"), join(folder, tenant));
  t.match(await endOf(operator, rotation.id), { state: "done", failed: 0, lastError: null });
  client = await connectTo(server);
  t.same(await opened(actionsOf(client, V2_1).act, first), sealedSecret);
});
