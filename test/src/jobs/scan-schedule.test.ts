import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { ScanSchedule } from "#src/jobs/tasks/scan-schedule.js";
import { change } from "#storage/changes.js";
import { openDatabase } from "#storage/database.js";
import { temporaryFolder } from "#test/support/databases.js";
import { tenantRow } from "#test/support/rows.js";

const hour = 3_600_000;
const start = 1_700_000_000_000;
const filename = join(temporaryFolder(t), "test.db");
const database = await openDatabase({ client: "better-sqlite3", filename, nodeId: "node-1" });
t.teardown(() => database.close());
const tenants = Array.from({ length: 40 }, () => tenantRow({ createdAt: start }));
await database.commit(tenants.map((tenant) => change("tenants", "create", tenant)));

/** Has schedules look at one moment; gives how many tenants have a scan then. */
async function lookAt(now: number, everyHours: number, schedules = 1): Promise<number> {
  const made = Array.from(
    { length: schedules },
    () =>
      new ScanSchedule({
        database,
        log: { info: () => undefined, warn: () => undefined, error: (_details, message) => t.fail(message) },
        everyHours,
        queued: () => undefined,
        now: () => now,
      }),
  );
  for (const schedule of made) schedule.start();
  await pause(1000);
  await Promise.all(made.map((schedule) => schedule.stop()));
  return (await database.read.tasks.list({ kind: "scan-integrity" }, 1000)).length;
}

/** Ends all scans that are open, so that others can be asked for. */
async function endAll(now: number): Promise<void> {
  for (const { id, state } of await database.read.tasks.list({}, 1000)) {
    if (state === "waiting") await database.commit([change("tasks", "cancel", id, now)]);
  }
}

t.test("first scans are spread over the interval, one a tenant, however many servers look", async (t) => {
  t.equal(await lookAt(start + 100 * hour, 0), 0, "none where they are turned off");
  const half = await lookAt(start + 12 * hour, 24, 3);
  t.ok(half > 8 && half < 32, `${half} of ${tenants.length} tenants come in the first half`);
  t.equal(await lookAt(start + 24 * hour, 24, 3), tenants.length);
  t.equal(await lookAt(start + 24 * hour, 24), tenants.length);
});

t.test("a tenant is scanned again an interval after the last scan, also one that an operator asked for", async (t) => {
  await endAll(start + 25 * hour);
  const [first] = await database.read.tasks.list({}, 1);
  t.match(first, { askedBy: "(schedule)", parameters: '{"deep":false}' });
  t.equal(await lookAt(start + 35 * hour, 24), tenants.length, "none is due yet");
  t.equal(await lookAt(start + 48 * hour, 24, 2), 2 * tenants.length);
});
