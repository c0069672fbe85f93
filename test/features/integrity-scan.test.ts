import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, ResultReason } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import type { TaskReport } from "#src/administration/tasks.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { endOf, operatorOf } from "#test/support/operator.js";
import { connectTo, readIdentity, runKeyreeve, startTestServer } from "#test/support/server.js";
import { alter } from "#test/support/tamper.js";

t.setTimeout(180_000);

let server = await startTestServer();
let client = await connectTo(server);
let operator = operatorOf(server);
t.teardown(async () => {
  operator.close();
  await client.close();
  await server.stop();
});

/** The folder of the files of the demo tenant's keys. */
function tokenFolder(): string {
  const folders = readdirSync(join(server.home, "hsm"), { recursive: true, encoding: "utf8" });
  const keys = folders.filter((path) => /tenant-.*\.object$/.test(path) && !path.endsWith("token.object"));
  return dirname(join(server.home, "hsm", keys[0] ?? ""));
}

const { create, activate, act } = actionsOf(client, V2_1);
const inToken = instance(attributes.protectionLevel, 1);

/** The objects of the demo tenant, by what is done to them. */
const objects = {
  whole: await create(nameOf("whole")),
  source: await create(nameOf("source")),
  overwritten: await create(),
  swapped: await create(),
  other: await create(),
  restated: await create(),
  unnamed: await create(nameOf("unnamed")),
  renamed: await create(nameOf("renamed")),
  retagged: await create(instance(attributes.objectGroup, "red")),
  inToken: await create(inToken),
};
await activate(objects.whole);
const keysBefore = new Set(readdirSync(tokenFolder()));
const lost = await create(inToken);
const lostFiles = readdirSync(tokenFolder()).filter((name) => name.endsWith(".object") && !keysBefore.has(name));
const lostFolder = tokenFolder();
const tenantId = await server.administration.createTenant("elsewhere");
const elsewhere = await connectTo(server, {
  identity: readIdentity(await server.administration.issueClient("elsewhere", "teller")),
});
const foreign = await actionsOf(elsewhere, V2_1).create();
await elsewhere.close();
const pair = await askFor<{ publicKeyUniqueIdentifier: string }>(client, V2_1, Operation.CreateKeyPair, {
  commonAttributes: requested(instance(attributes.cryptographicAlgorithm, 6)),
  privateKeyAttributes: requested(),
  publicKeyAttributes: requested(),
});
await act(Operation.Certify, pair.publicKeyUniqueIdentifier, { attributes: requested() });

async function scan(deep: boolean, tenant = "demo"): Promise<TaskReport> {
  return endOf(operator, (await operator.scanIntegrity({ tenant, deep })).id);
}

t.test("what nobody touched is whole, looked at from near and from afar", async (t) => {
  for (const deep of [true, false]) {
    const report = await scan(deep);
    t.match(report, { state: "done", failed: 0, skipped: 0, lastError: null });
    t.strictSame(report.findings, []);
    t.equal(report.done, report.total);
  }
  const told = await runKeyreeve(server.home, ["integrity", "scan", "--deep"]);
  t.equal(told.code, 0, told.stdout);
  t.match(told.stdout, /demo: \d+ objects whole\nelsewhere: 1 object whole\n/);
});

/** Does to the database what its administrator could, the server being stopped. */
async function tamper(...statements: readonly string[]): Promise<void> {
  const database = { client: "better-sqlite3", filename: join(server.home, "keyreeve.db"), nodeId: "node-1" } as const;
  operator.close();
  await client.close();
  await server.stop({ keepHome: true });
  for (const statement of statements) await alter(database, statement, { triggers: true });
  server = await startTestServer({ home: server.home });
  client = await connectTo(server);
  operator = operatorOf(server);
}

const copied = [
  "object_type",
  "version",
  "custody",
  "attributes",
  "material",
  "material_information",
  "key_encryption_key_version",
  "integrity_tag",
].map((column) => `${column} = (select ${column} from objects where id = '${objects.source}')`);

t.test("everything that is copied, swapped, altered or taken away is named, and nothing else", async (t) => {
  const { overwritten, swapped, other, restated, unnamed, renamed, retagged, whole } = objects;
  await tamper(
    `update objects set ${copied.join()} where id = '${overwritten}'`,
    `create table swap as select material from objects where id = '${swapped}'`,
    `update objects set material = (select material from objects where id = '${other}') where id = '${swapped}'`,
    `update objects set material = (select material from swap) where id = '${other}'`,
    "drop table swap",
    `update objects set state = 3 where id = '${restated}'`,
    `delete from object_names where object_id = '${unnamed}'`,
    `insert into object_names select tenant_id, 'stolen', name_type, object_id from object_names where object_id = '${renamed}'`,
    `update object_attributes set value = 'blue' where object_id = '${retagged}' and value = 'red'`,
    `update objects set tenant_id = (select tenant_id from objects where id = '${whole}') where id = '${foreign}'`,
    "update certificate_authorities set created_at = created_at + 1",
  );
  const report = await scan(true);
  t.equal(report.state, "done");
  const damaged = (id: string): readonly string[] =>
    report.findings.filter(({ subject }) => subject === id).map(({ reason }) => reason);
  for (const id of [overwritten, swapped, other, foreign]) {
    t.match(damaged(id), [/row is not what this server wrote/]);
    const answer = await ask(client, V2_1, { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } });
    t.equal(answer.reason, ResultReason.InternalServerError, "it is refused where it is used, too");
  }
  t.match(damaged(restated), [/column state/]);
  t.match(damaged(unnamed), [/index of names lacks 1/]);
  t.match(damaged(renamed), [/index of names has 1 rows that are not its own/]);
  t.strictSame(damaged(retagged).length, 2);
  t.match(damaged("certification authority 1"), [/row is not what/]);
  for (const id of [objects.whole, objects.source, objects.inToken]) t.strictSame(damaged(id), []);
  t.equal(report.failed, 10);
  t.equal(report.findings.length, 10);

  const events = await operator.listAudit({ tenant: "demo", events: true });
  t.ok(events.some(({ resultReason }) => resultReason === "integrity-damaged"));
  const told = await runKeyreeve(server.home, ["integrity", "scan", "demo"]);
  t.equal(told.code, 1);
  t.match(told.stdout, /demo: DAMAGED: 10 faults in \d+ objects/);
});

t.test("index rows that were left behind, or copied from another tenant, stand for no object there", async (t) => {
  t.match(await scan(true, "elsewhere"), {
    state: "done",
    findings: [{ kind: "failed", subject: foreign, reason: /no such object/ }],
  });
  await tamper(
    `insert into object_names select '${tenantId}', name, name_type, object_id from object_names where object_id = '${objects.whole}'`,
  );
  const report = await scan(false, "elsewhere");
  t.ok(report.findings.some(({ subject, reason }) => subject === objects.whole && /index of names/.test(reason)));
});

t.test("a key that is gone from the token is named, and one in the token that nobody names is reported", async (t) => {
  await tamper(
    ...["objects", "object_attributes", "object_names"].map(
      (table) => `delete from ${table} where ${table === "objects" ? "id" : "object_id"} = '${objects.inToken}'`,
    ),
  );
  t.equal(lostFiles.length, 1, "the test knows the file of the key");
  operator.close();
  await client.close();
  await server.stop({ keepHome: true });
  for (const file of lostFiles) rmSync(join(lostFolder, file));
  server = await startTestServer({ home: server.home });
  client = await connectTo(server);
  operator = operatorOf(server);
  const { findings, skipped } = await scan(false);
  t.ok(findings.some(({ subject, reason }) => subject === lost && /not in the token/.test(reason)));
  t.equal(skipped, 1);
  t.ok(findings.some(({ kind, subject }) => kind === "skipped" && subject.startsWith("token object ")));
});
