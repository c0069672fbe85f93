import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { Operation, ResultReason } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import type { TaskReport } from "#src/administration/tasks.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { RestartingServer } from "#test/support/restarting-server.js";
import { connectTo, readIdentity, runKeyreeve } from "#test/support/server.js";

t.setTimeout(550_000);

const running = await RestartingServer.start();
const { home } = running;
const tamper = running.tamper.bind(running);
const scan = (deep: boolean, tenant = "demo"): Promise<TaskReport> => running.scan({ deep, tenant });
t.teardown(() => running.stop());

/** The folder of the files of the demo tenant's keys. */
function tokenFolder(): string {
  const folders = readdirSync(join(home, "hsm"), { recursive: true, encoding: "utf8" });
  const keys = folders.filter((path) => /tenant-.*\.object$/.test(path) && !path.endsWith("token.object"));
  return dirname(join(home, "hsm", keys[0] ?? ""));
}

const { create, activate, act } = actionsOf(running.client, V2_1);
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
const tenantId = await running.server.administration.createTenant("elsewhere");
const elsewhere = await connectTo(running.server, {
  identity: readIdentity(await running.server.administration.issueClient("elsewhere", "teller")),
});
const foreign = await actionsOf(elsewhere, V2_1).create();
await elsewhere.close();
const pair = await askFor<{ publicKeyUniqueIdentifier: string }>(running.client, V2_1, Operation.CreateKeyPair, {
  commonAttributes: requested(instance(attributes.cryptographicAlgorithm, 6)),
  privateKeyAttributes: requested(),
  publicKeyAttributes: requested(),
});
await act(Operation.Certify, pair.publicKeyUniqueIdentifier, { attributes: requested() });

t.test("what nobody touched is whole, looked at from near and from afar", async (t) => {
  for (const deep of [true, false]) {
    const report = await scan(deep);
    t.match(report, { state: "done", failed: 0, skipped: 0, lastError: null });
    t.strictSame(report.findings, []);
    t.equal(report.done, report.total);
  }
  const told = await runKeyreeve(home, ["integrity", "scan", "--deep"]);
  t.equal(told.code, 0, told.stdout);
  t.match(told.stdout, /demo: \d+ objects whole\nelsewhere: 1 object whole\n/);
});

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
    const answer = await ask(running.client, V2_1, {
      operation: Operation.Get,
      payload: { uniqueIdentifier: named(id) },
    });
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

  const events = await running.operator.listAudit({ tenant: "demo", events: true });
  t.ok(events.some(({ resultReason }) => resultReason === "integrity-damaged"));
  const told = await runKeyreeve(home, ["integrity", "scan", "demo"]);
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
  await running.restart(async () => {
    for (const file of lostFiles) rmSync(join(lostFolder, file));
  });
  const { findings, skipped } = await scan(false);
  t.ok(findings.some(({ subject, reason }) => subject === lost && /not in the token/.test(reason)));
  t.equal(skipped, 1);
  t.ok(findings.some(({ kind, subject }) => kind === "skipped" && subject.startsWith("token object ")));
});

t.test("an earlier state of a row that is put back is told by what the audit trail has of the object", async (t) => {
  const actions = actionsOf(running.client, V2_1);
  const id = await actions.create();
  await actions.activate(id);
  await tamper(`create table earlier as select * from objects where id = '${id}'`);
  await actionsOf(running.client, V2_1).revoke(id);
  t.notOk((await scan(false)).findings.some(({ subject }) => subject === id));
  await running.restart(async () => {
    const columns = ["state", "version", "attributes", "deactivation_date", "last_change_date", "integrity_tag"];
    const restored = columns.map((column) => `${column} = (select ${column} from earlier)`);
    await running.alter(`update objects set ${restored.join()} where id = '${id}'`);
    // As if the key had been revoked ten minutes later.
    await running.alterAudit(
      `update audit set time_ms = time_ms + 600000 where object_id = '${id}' and operation = 'Revoke'`,
    );
  });
  const { findings } = await scan(false);
  t.match(
    findings.filter(({ subject }) => subject === id),
    [{ reason: /an earlier state of it was put back: Revoke/ }],
  );
  t.equal(findings.filter(({ reason }) => /earlier state/.test(reason)).length, 1);
});

t.test("clients, certificates and rights that nobody gave are told by the audit trail", async (t) => {
  const before = (await scan(false)).findings.filter(({ subject }) => subject.startsWith("client "));
  t.strictSame(before, []);
  await running.server.administration.issueClient("demo", "gone");
  await running.server.administration.revokeClient("demo", "gone");
  await tamper(
    "insert into clients select 'intruder', tenant_id, 'intruder', state, created_at, revoked_at, settings from clients where name = 'demo-client'",
    "insert into client_certificates select 'abcd', client_id, tenant_id, subject, issuer, serial_number, not_before, not_after, state, pem, vouched_by from client_certificates where client_id = (select id from clients where name = 'demo-client')",
    `update clients set settings = '{"permissions":["inquire"]}' where name = 'demo-client'`,
    "update clients set state = 'active' where name = 'gone'",
  );
  const told = (await scan(false)).findings.filter(({ subject }) => subject.startsWith("client "));
  const reasons = (name: string): string =>
    told
      .filter(({ subject }) => subject === `client ${name}`)
      .map(({ reason }) => reason)
      .join();
  t.match(reasons("intruder"), /does not know that it was ever registered/);
  t.match(reasons("demo-client"), /other things than it was given the right to/);
  t.match(reasons("demo-client"), /does not know of its certificate abcd/);
  t.match(reasons("gone"), /was revoked, and is active/);
  t.equal(told.length, 4);
});
