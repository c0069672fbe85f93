import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { Rotator } from "#src/jobs/rotator.js";
import type { RotationEnd } from "#src/objects/rotation.js";
import { change } from "#storage/changes.js";
import { type Database, openDatabase } from "#storage/database.js";
import { temporaryFolder } from "#test/support/databases.js";
import { newObject, tenantRow } from "#test/support/rows.js";

const now = 1_800_000_000;
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const tenant = tenantRow();
const database = await openDatabase({
  client: "better-sqlite3",
  filename: join(temporaryFolder(t), "test.db"),
  nodeId: "node-1",
});
await database.commit([change("tenants", "create", tenant)]);
t.teardown(() => database.close());

async function dueSince(rotateAt: number): Promise<string> {
  const object = newObject(tenant.id, { rotateAt });
  await database.commit([change("objects", "create", object)]);
  return object.row.id;
}

async function nextOf(id: string): Promise<number | null | undefined> {
  return (await database.read.objects.byId(tenant.id, id))?.rotateAt;
}

/** Runs the rounds at the start of two nodes at once; gives the objects that either was handed. */
async function roundsOfTwo(end: RotationEnd | Error): Promise<readonly string[]> {
  const handed: string[] = [];
  const rotate = async ({ id }: { readonly id: string }): Promise<RotationEnd> => {
    handed.push(id);
    await pause(1);
    if (end instanceof Error) throw end;
    return end;
  };
  const options = { database: database as Database, log: silent, everySeconds: 3600, rotate, now: () => now };
  const nodes = [new Rotator(options), new Rotator(options)];
  for (const node of nodes) node.start();
  while ((await database.read.objects.dueForRotation(now, 1)).length > 0) await pause(5);
  await Promise.all(nodes.map((node) => node.stop()));
  return handed;
}

t.test("of two nodes one gets each object that is due, however many there are, and none that is not", async (t) => {
  const due: string[] = [];
  for (let count = 0; count < 150; count += 1) due.push(await dueSince(now - count));
  const later = await dueSince(now + 1);
  const handed = await roundsOfTwo({ kind: "left" });
  t.same([...handed].sort(), [...due].sort());
  t.equal(await nextOf(later), now + 1);
  t.same(await nextOf(due[0] ?? ""), null, "what is to be left alone is not looked at again");
});

t.test("what fails is tried again later, and later still the longer it has been due", async (t) => {
  const pauses: (number | null | undefined)[] = [];
  for (const since of [now, now - 300, now - 1_000_000]) {
    const id = await dueSince(since);
    await roundsOfTwo({ kind: "failed", since });
    pauses.push(((await nextOf(id)) ?? 0) - now);
  }
  t.same(pauses, [60, 300, 3600]);
});

t.test("what could not even be recorded, and what a suspended tenant has, is tried again later", async (t) => {
  const faulty = await dueSince(now);
  await roundsOfTwo(new Error("the database is gone"));
  t.equal(await nextOf(faulty), now + 60);
  const suspended = await dueSince(now);
  await roundsOfTwo({ kind: "suspended" });
  t.equal(await nextOf(suspended), now + 3600);
});

t.test("a change of the object while it was worked on decides when it is due", async (t) => {
  const id = await dueSince(now);
  const rotate = async (): Promise<RotationEnd> => {
    await database.commit([change("objects", "update", tenant.id, id, 1, { row: { rotateAt: now + 77 } })]);
    return { kind: "left" };
  };
  const node = new Rotator({ database, log: silent, everySeconds: 3600, rotate, now: () => now });
  node.start();
  while ((await nextOf(id)) !== now + 77) await pause(5);
  await node.stop();
  t.equal(await nextOf(id), now + 77);
});
