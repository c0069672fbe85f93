import { randomUUID } from "node:crypto";
import t from "tap";
import { newTask, queueTask } from "#src/inventory/task-orders.js";
import { saysWhatStands } from "#storage/audit-operations.js";
import { change } from "#storage/changes.js";
import { openDatabase } from "#storage/database.js";
import { auditChanges } from "#storage/migrations/0016-audit-changes.js";
import type { TaskRow } from "#storage/task-types.js";
import { onEveryDatabase } from "#test/support/databases.js";
import { auditRecord, newObject, tenantRow } from "#test/support/rows.js";

const asker = { name: "admin", certificateFingerprint: null, sourceAddress: null };
const never = Number.MAX_SAFE_INTEGER;

function scanOf(tenantId: string, now: number): TaskRow {
  return newTask(tenantId, "scan-integrity", { deep: false }, asker, now);
}

const progress = { position: "{}", total: 10, done: 5, skipped: 1, failed: 0, repaired: 0, claimedUntil: 5000 };

await onEveryDatabase(t, async (t, { database, configuration }) => {
  const { read } = database;

  await t.test("one task of a kind is open for a tenant at a time, and one is made for a time", async (t) => {
    const tenantId = randomUUID();
    const task = scanOf(tenantId, 1000);
    await database.commit(queueTask(task, never));
    const taken = { code: "duplicate", constraint: "tasks.open" };
    await t.rejects(database.commit(queueTask(scanOf(tenantId, 1001), never)), taken);
    const together = [scanOf(randomUUID(), 1), scanOf(randomUUID(), 1)].flatMap((each) => [
      each,
      { ...each, id: randomUUID() },
    ]);
    const ends = await Promise.allSettled(together.map((each) => database.commit(queueTask(each, never))));
    t.strictSame(
      ends.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled", "rejected"],
    );
    await database.commit(queueTask(scanOf(randomUUID(), 1001), never));
    await database.commit([change("tasks", "cancel", task.id, 1002)]);
    await t.rejects(database.commit(queueTask(scanOf(tenantId, 1003), 1000)), { code: "conflict" });
    const next = scanOf(tenantId, 1003);
    await database.commit(queueTask(next, 1001));
    t.equal((await read.tasks.latest(tenantId, "scan-integrity"))?.id, next.id);
    t.strictSame(
      (await read.tasks.list({ tenantId }, 10)).map(({ id }) => id),
      [next.id, task.id],
    );
    t.equal((await read.tasks.list({ tenantId, kind: "rotate-kek" }, 10)).length, 0);
    await t.rejects(database.commit([change("tasks", "cancel", task.id, 1004)]), { code: "conflict" });
  });

  await t.test("a task has one run, until the run is not heard of any more or gives it back", async (t) => {
    const task = scanOf(randomUUID(), 2000);
    await database.commit(queueTask(task, never));
    const [first, second] = [
      { id: task.id, claim: "first" },
      { id: task.id, claim: "second" },
    ];
    const isDue = async (now: number): Promise<boolean> =>
      (await read.tasks.due(now, 100)).some(({ id }) => id === task.id);
    const claim = async (by: typeof first, now: number, until: number): Promise<boolean> =>
      (await database.commit([change("tasks", "claim", by, now, until)]))[0];
    t.equal(await isDue(2000), true);
    t.equal(await claim(first, 2000, 3000), true);
    t.equal(await isDue(2500), false);
    t.equal(await claim(second, 2500, 4000), false);
    const finding = { taskId: task.id, place: 0, kind: "skipped", subject: "object", reason: "because" } as const;
    await database.commit([change("tasks", "progress", first, progress, [finding])]);
    t.strictSame(await read.tasks.findings(task.id, 10), [finding]);
    t.match(await read.tasks.byId(task.id), { state: "running", startedAt: 2000, claimedBy: "node-1", ...progress });
    t.equal(await isDue(5001), true, "the run was not heard of");
    t.equal(await claim(second, 5001, 9000), true);
    await t.rejects(database.commit([change("tasks", "progress", first, progress, [])]), { code: "conflict" });
    const later = { notBefore: 8000, attempts: 3, lastError: "the token is away" };
    await database.commit([change("tasks", "giveBack", second, later)]);
    t.match(await read.tasks.byId(task.id), { state: "waiting", startedAt: 2000, ...later });
    t.equal(await isDue(7999), false);
    t.equal(await claim(first, 7999, 9000), false);
    t.equal(await claim(first, 8000, 20_000), true);
    await database.commit([change("tasks", "releaseOwn")]);
    t.equal(await isDue(8001), true, "a node that starts takes up its own");
    t.equal(await claim(second, 8001, 20_000), true);
    await database.commit([change("tasks", "end", second, { state: "done", endedAt: 8002, lastError: null })]);
    await t.rejects(database.commit([change("tasks", "progress", second, progress, [])]), { code: "conflict" });
    await database.commit([change("tasks", "removeEnded", 8003)]);
    t.equal(await read.tasks.byId(task.id), null);
    t.strictSame(await read.tasks.findings(task.id, 10), []);
  });

  await t.test("a walk over all objects sees each once, and the index is walked by the objects it names", async (t) => {
    const tenant = tenantRow();
    const rows = Array.from({ length: 25 }, () => newObject(tenant.id).row);
    const name = { name: "a name", nameType: 1 };
    const attribute = { attribute: "Object Group", value: "red", number: null };
    await database.commit([
      change("tenants", "create", tenant),
      ...rows.map((row) => change("objects", "create", { row, attributes: [attribute], names: [name] })),
    ]);
    t.equal(await read.objectWalks.count(tenant.id), rows.length);
    const seen: string[] = [];
    for (let after = { creationOrder: 0, id: "" }; ; ) {
      const page = await read.objectWalks.sightings(tenant.id, after, 10);
      seen.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last;
    }
    t.strictSame(
      seen,
      rows.map(({ id }) => id),
    );
    const whole = await read.objectWalks.rows(tenant.id, { creationOrder: 0, id: "" }, 100);
    t.strictSame(
      whole.map(({ id }) => id),
      seen,
    );
    const [index] = await read.objectWalks.indexOf(tenant.id, [seen[3] ?? ""]);
    t.match(index, { attributes: [{ ...attribute, creationOrder: whole[3]?.creationOrder }], names: [name] });
    const strangers = async (part: "attributes" | "names"): Promise<number> => {
      let count = 0;
      for (let after: string | null = ""; after !== null; ) {
        const walk: Awaited<ReturnType<typeof read.objectWalks.strangers>> = await read.objectWalks.strangers(
          part,
          tenant.id,
          after,
          10,
        );
        count += walk.strangers.length;
        after = walk.next;
      }
      return count;
    };
    t.equal(await strangers("attributes"), 0);
    t.equal(await strangers("names"), 0);
  });

  await t.test("the audit tells the last change of an object past its uses, and who was registered", async (t) => {
    const tenantId = randomUUID();
    const objectId = randomUUID();
    const row = (operation: string, timeMs: number, more: object = {}) =>
      change("audit", "append", auditRecord(tenantId, { operation, timeMs, objectId, ...more }));
    await database.commit([
      row("Create", 1),
      row("Activate", 2),
      row("Revoke", 3),
      row("Revoke", 4, { outcome: "failure" }),
      row("Encrypt", 5),
      row("Issue Client", 6, { objectId: null, detail: "{}" }),
      row("Issue Client", 7, { objectId: null, outcome: "failure" }),
    ]);
    t.match(await read.auditStanding.lastChanges(tenantId, objectId), [{ operation: "Revoke", timeMs: 3 }]);
    t.match(await read.auditStanding.registrations(tenantId), [{ operation: "Issue Client", timeMs: 6, detail: "{}" }]);
    t.strictSame(await read.auditStanding.lastChanges(tenantId, randomUUID()), []);
  });

  await t.test("registrations keep the order of their chains where a clock was set back by days", async (t) => {
    const tenantId = randomUUID();
    const row = (operation: string, timeMs: number) =>
      change("audit", "append", auditRecord(tenantId, { operation, timeMs, objectId: null, detail: "{}" }));
    const other = await openDatabase({ ...configuration, nodeId: "node-2" });
    await database.commit([row("Issue Client", 5)]);
    await database.commit([row("Change Client", 1_000_000_000)]);
    await other.commit([row("Revoke Client", 12)]);
    await database.commit([row("Change Client", 10)]);
    await other.close();
    t.match(
      (await read.auditStanding.registrations(tenantId)).map(({ timeMs }) => timeMs),
      [5, 1_000_000_000, 10, 12],
    );
  });
});

t.test("the index of audit rows that say what must stand is for just the operations that are asked for", async (t) => {
  const up = auditChanges.up as () => readonly unknown[];
  t.ok(String(up()[0]).endsWith(saysWhatStands));
});
