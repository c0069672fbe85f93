import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { BlockCipherMode, Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { type Actions, actionsOf, instance, nameOf } from "#test/support/kmip-actions.js";
import { RestartingServer } from "#test/support/restarting-server.js";
import { runKeyreeve, startedHome } from "#test/support/server.js";

t.setTimeout(550_000);

const running = await RestartingServer.start(startedHome());
t.teardown(() => running.stop());

const client = (): Actions => actionsOf(running.client, V2_1);
const inToken = instance(attributes.protectionLevel, 1);
const group = (value: string) => instance(attributes.objectGroup, value);
const anHour = 3_600_000;

/** The files of the keys in the demo tenant's token. */
function keyFiles(): readonly string[] {
  const folders = readdirSync(join(running.home, "hsm"), { recursive: true, encoding: "utf8" });
  const files = folders.filter((path) => /tenant-.*\.object$/.test(path) && !path.endsWith("token.object"));
  return files.map((path) => join(running.home, "hsm", path)).sort();
}

/** Makes a key in the token, and gives with it the file that it is in. */
async function keyInToken(): Promise<{ readonly id: string; readonly file: string }> {
  const before = new Set(keyFiles());
  const id = await client().create(inToken);
  const [file = ""] = keyFiles().filter((path) => !before.has(path));
  return { id, file };
}

const forgetObject = (id: string): readonly string[] => [
  `delete from objects where id = '${id}'`,
  `delete from object_attributes where object_id = '${id}'`,
  `delete from object_names where object_id = '${id}'`,
];

/** What a scan would remember if it had ended an hour ago. */
const anHourAgo = `update tasks set ended_at = ended_at - ${anHour} where ended_at is not null`;

async function audited(operation: string) {
  const records = await running.operator.listAudit({ tenant: "demo", operation, limit: 100 });
  return records.map(({ clientName, outcome, objectId }) => ({ clientName, outcome, objectId }));
}

t.test("what Locate finds objects by is made anew from what is authenticated, and only when asked", async (t) => {
  const ids = {
    unnamed: await client().create(nameOf("unnamed")),
    renamed: await client().create(nameOf("renamed")),
    regrouped: await client().create(group("red")),
    restated: await client().create(nameOf("restated")),
  };
  await running.tamper(
    `delete from object_names where object_id = '${ids.unnamed}'`,
    `update object_names set name = 'stolen' where object_id = '${ids.renamed}'`,
    `update object_attributes set value = 'blue' where object_id = '${ids.regrouped}' and value = 'red'`,
    `update objects set state = 3 where id = '${ids.restated}'`,
    `insert into object_names select tenant_id, 'ghost', name_type, 'ghost' from object_names where object_id = '${ids.restated}'`,
  );
  const found = async () => [
    await client().locate(nameOf("unnamed")),
    await client().locate(nameOf("renamed")),
    await client().locate(nameOf("stolen")),
    await client().locate(group("red")),
    await client().locate(nameOf("restated"), instance(attributes.state, 1)),
  ];
  const damaged = await found();
  t.match(await running.scan(), { failed: 7, repaired: 0, skipped: 0 });
  t.match(await running.scan(), { failed: 7, repaired: 0 }, "a scan that is not told to repair changes nothing");
  t.strictSame(await found(), damaged);

  const report = await running.scan({ repair: true });
  t.match(report, { state: "done", failed: 0, repaired: 7, skipped: 0, askedBy: "admin" });
  t.strictSame(
    new Set(report.findings.map(({ kind, subject }) => `${kind} ${subject}`)),
    new Set([...Object.values(ids), "ghost"].map((subject) => `repaired ${subject}`)),
  );
  t.strictSame(await found(), [[ids.unnamed], [ids.renamed], [], [ids.regrouped], [ids.restated]]);
  t.match(await running.scan({ deep: true }), { failed: 0, repaired: 0, skipped: 0 });
  const records = await audited("Rebuild Index");
  t.equal(records.length, 5);
  for (const record of records) t.match(record, { clientName: "admin", outcome: "success" });
  await client().activate(ids.restated);
});

t.test("a key of the token that nothing names is removed once it has been known for long enough", async (t) => {
  const orphan = await keyInToken();
  const kept = await keyInToken();
  await running.tamper(...forgetObject(orphan.id));
  const before = keyFiles();
  t.match(await running.scan(), { failed: 0, repaired: 0, skipped: 1 });

  const { id } = await running.operator.scanIntegrity({ tenant: "demo", deep: false, repair: true });
  for (;;) {
    const task = await running.operator.showTask(id);
    t.not(task.state, "done", "an orphan that was seen just now is waited for");
    if (task.state === "waiting" && task.startedAt !== null) break;
  }
  t.strictSame(keyFiles(), before);
  await running.operator.cancelTask(id);
  await running.alter(anHourAgo);

  t.match(await running.scan({ repair: true }), {
    state: "done",
    failed: 0,
    repaired: 1,
    skipped: 0,
    findings: [{ kind: "repaired", subject: /^token object [0-9a-f]{32}$/ }],
  });
  t.notOk(existsSync(orphan.file));
  t.strictSame(
    keyFiles(),
    before.filter((file) => file !== orphan.file),
    "no other key went with it",
  );
  t.strictSame(
    (await audited("Remove Orphaned Key")).map(({ clientName, outcome }) => `${clientName} ${outcome}`).sort(),
    ["admin intent", "admin success"],
  );
  await client().activate(kept.id);
  await client().act(Operation.Encrypt, kept.id, {
    cryptographicParameters: { blockCipherMode: BlockCipherMode.ECB },
    data: Buffer.alloc(16, 1),
  });
  t.match(await running.scan({ deep: true }), { failed: 0, skipped: 0 });
});

t.test("an interrupted key change is settled under the name of who asked", async (t) => {
  const orphan = await keyInToken();
  const intent = (createdAt: number): string =>
    "insert into intents (id, tenant_id, node_id, kind, object_id, token_id, created_at, detail) " +
    `select 'intent-${createdAt}', tenant_id, 'node-1', 'create', id, material, ${createdAt}, '{"keyClass":"secret"}' ` +
    `from objects where id = '${orphan.id}'`;
  await running.alter(intent(1), ...forgetObject(orphan.id));
  t.match(await running.scan(), { failed: 0, repaired: 0, findings: [{ kind: "skipped", subject: orphan.id }] });
  t.match(await running.scan({ repair: true }), {
    failed: 0,
    repaired: 1,
    findings: [{ kind: "repaired", subject: orphan.id, reason: /interrupted change/ }],
  });
  t.notOk(existsSync(orphan.file));
  t.match(await audited("Settle Interrupted Key Change"), [{ clientName: "admin", objectId: orphan.id }]);
});

t.test("what is left of a key whose making was cut off is removed when it is old", async (t) => {
  const folder = dirname(keyFiles()[0] ?? "");
  const [old, young] = [join(folder, "11111111-old.object"), join(folder, "22222222-young.object")];
  const whole = readFileSync(keyFiles()[0] ?? "");
  writeFileSync(old, "");
  writeFileSync(young, whole.subarray(0, whole.length / 2));
  utimesSync(old, 1, 1);
  t.match(await running.scan(), {
    failed: 0,
    findings: [{ kind: "skipped", subject: /^incomplete token object .*old/ }],
  });
  t.match(await running.scan({ repair: true }), { failed: 0, repaired: 1, skipped: 0 });
  t.notOk(existsSync(old));
  t.ok(existsSync(young));
  rmSync(young);
  t.match(await audited("Remove Incomplete Key"), [{ clientName: "admin", outcome: "success" }]);
});

t.test("a repair that waits for an orphan goes on by itself", async (t) => {
  const orphan = await keyInToken();
  await running.restart(async () => {
    writeFileSync(join(running.home, "keyreeve.yaml"), "tasks:\n  abandonedSeconds: 1\n");
    await running.alter(...forgetObject(orphan.id));
  });
  t.match(await running.scan({ repair: true }), {
    state: "done",
    findings: [{ kind: "repaired", subject: /^token object/ }],
  });
  t.notOk(existsSync(orphan.file));
});

t.test("keys that are newer than a backup of the database that was put back are not taken for nobody's", async (t) => {
  const database = join(running.home, "keyreeve.db");
  const backup = join(running.home, "backup.db");
  await running.restart(() => copyFileSync(database, backup));
  const newer = await keyInToken();
  const scan = async () => {
    const { stdout } = await runKeyreeve(running.home, ["integrity", "scan", "demo", "--repair", "--json"]);
    return (JSON.parse(stdout) as [Awaited<ReturnType<RestartingServer["scan"]>>])[0];
  };
  await running.restart(async () => {
    const newest = join(running.home, "newest.db");
    copyFileSync(database, newest);
    copyFileSync(backup, database);
    const served = await runKeyreeve(running.home, ["serve"]);
    t.equal(served.code, 1, "a server does not go on from it");
    t.match(served.stderr, /the database lacks what was acknowledged: row \d+ .*\n.*put the file of checkpoints/);
    await runKeyreeve(running.home, ["integrity", "scan", "demo", "--json"]);
    await running.alter(anHourAgo);
    t.match(await scan(), {
      state: "done",
      repaired: 0,
      findings: [{ kind: "skipped", reason: /backup that was put back/ }],
    });
    t.ok(existsSync(newer.file));
    copyFileSync(newest, database);
  });
});

t.test("what cannot be mended stays reported, with what to do about it", async (t) => {
  const lost = await keyInToken();
  const [altered, source] = [await client().create(), await client().create()];
  await running.tamper(
    `update objects set material = (select material from objects where id = '${source}') where id = '${altered}'`,
    `delete from object_names where object_id = '${altered}'`,
  );
  await running.restart(() => rmSync(lost.file));
  const told = await runKeyreeve(running.home, ["integrity", "scan", "demo", "--repair", "--json"]);
  t.equal(told.code, 1);
  const [report] = JSON.parse(told.stdout) as [Awaited<ReturnType<RestartingServer["scan"]>>];
  t.equal(report.failed, 2);
  const reason = (id: string): string | undefined => report.findings.find(({ subject }) => subject === id)?.reason;
  t.match(reason(altered), /row is not what this server wrote.*; restore it from a backup of the database/);
  t.match(reason(lost.id), /key is not in the token.*; restore the token from its backup; without one the key is lost/);
});

t.test("the command ends with 0 where all that was damaged is mended", async (t) => {
  const tenant = await running.server.administration.createTenant("second");
  await running.alter(
    `insert into object_names (tenant_id, name, name_type, object_id) values ('${tenant}', 'ghost', 1, 'ghost')`,
  );
  const scan = (...more: readonly string[]) => runKeyreeve(running.home, ["integrity", "scan", "second", ...more]);
  const damaged = await scan();
  t.equal(damaged.code, 1, damaged.stdout);
  t.match(damaged.stdout, /--repair mends it/);
  const mended = await scan("--repair");
  t.equal(mended.code, 0, mended.stdout);
  t.match(mended.stdout, /second: 0 objects whole, 1 mended\n/);
  t.match(mended.stdout, /mended +ghost/);
  const whole = await scan("--repair");
  t.match(whole, { code: 0, stdout: "second: 0 objects whole\n" });
});
