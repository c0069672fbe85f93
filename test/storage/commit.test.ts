import { randomUUID } from "node:crypto";
import t from "tap";
import { textsIn } from "#protocol/ttlv/text-items.js";
import { type Change, change } from "#storage/changes.js";
import { type Database, openDatabase } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { NewObject } from "#storage/types.js";
import { onEveryDatabase } from "#test/support/databases.js";
import { auditRecord, newObject, tenantRow } from "#test/support/rows.js";

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "success";
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return error.constraint === undefined ? error.code : `${error.code} ${error.constraint}`;
  }
}

/** Conditions that the names of a new object are nobody else's. */
const free = ({ row, names }: NewObject): Change[] =>
  names.map((name) => change("objects", "requireFreeName", row.tenantId, row.id, name));

const sequences = async (database: Database, tenantId: string): Promise<number[]> =>
  (await database.read.audit.page(tenantId, "node-1", 0, 1000)).map(({ sequence }) => sequence);

await onEveryDatabase(t, async (t, { database, configuration }) => {
  await t.test("a commit answers what each change gave", async (t) => {
    const tenantId = randomUUID();
    const [object, first, second] = await database.commit([
      change("objects", "create", newObject(tenantId)),
      change("audit", "append", auditRecord(tenantId)),
      change("audit", "append", auditRecord(tenantId)),
    ]);
    t.equal(object.version, 1);
    t.equal(first.sequence, 1);
    t.equal(second.sequence, 2);
    t.ok(Buffer.isBuffer(second.hash) && second.hash.length === 32);
  });

  await t.test("what a commit stored is read back field by field", async (t) => {
    const tenantId = randomUUID();
    const object = newObject(tenantId, { fresh: false, activationDate: 4_102_444_800, length: null });
    await database.commit([change("objects", "create", object)]);
    const found = await database.read.objects.byId(tenantId, object.row.id);
    t.match(found, { ...object.row, version: 1 });
    t.ok(Buffer.isBuffer(found?.material));
    t.same(await database.read.objects.names(tenantId, object.row.id), object.names);
  });

  await t.test("a commit of which one change fails leaves nothing behind", async (t) => {
    const tenantId = randomUUID();
    const object = newObject(tenantId);
    const changes: Change[] = [
      change("objects", "create", object),
      change("audit", "append", auditRecord(tenantId)),
      change("objects", "update", tenantId, randomUUID(), 1, { row: { state: 2 } }),
    ];
    t.equal(await codeOf(database.commit(changes)), "conflict");
    t.equal(await database.read.objects.byId(tenantId, object.row.id), null);
    t.same(await sequences(database, tenantId), []);
  });

  await t.test("only the guilty commit of a group fails, and the audit chain has no gap", async (t) => {
    const tenantId = randomUUID();
    const taken = newObject(tenantId);
    await database.commit([change("objects", "create", taken)]);
    const commits = Array.from({ length: 20 }, (_entry, index) => {
      const object = index % 5 === 2 ? { ...newObject(tenantId), names: taken.names } : newObject(tenantId);
      return database.commit([
        change("objects", "create", object),
        ...free(object),
        change("audit", "append", auditRecord(tenantId)),
      ]);
    });
    const outcomes = await Promise.all(commits.map(codeOf));
    const expected = outcomes.map((_outcome, index) => (index % 5 === 2 ? "duplicate object_names.name" : "success"));
    t.same(outcomes, expected);
    t.same(
      await sequences(database, tenantId),
      Array.from({ length: 16 }, (_entry, index) => index + 1),
    );
  });

  await t.test("each rule of uniqueness is named", async (t) => {
    const tenantId = randomUUID();
    const object = newObject(tenantId);
    const tenant = tenantRow();
    const record = auditRecord(tenantId);
    await database.commit([
      change("objects", "create", object),
      change("tenants", "create", tenant),
      change("audit", "append", record),
    ]);
    const again = (...changes: Change[]): Promise<string> => codeOf(database.commit(changes));
    t.equal(await again(change("objects", "create", { ...object, names: [] })), "duplicate objects.id");
    t.equal(await again(change("tenants", "create", tenantRow({ id: tenant.id }))), "duplicate tenants.id");
    t.equal(await again(change("tenants", "create", tenantRow({ name: tenant.name }))), "duplicate tenants.name");
    t.equal(await again(change("audit", "append", record)), "duplicate audit.event_id");
  });

  await t.test("of two updates from the same version one is a conflict", async (t) => {
    const tenantId = randomUUID();
    const object = newObject(tenantId);
    const { id } = object.row;
    await database.commit([change("objects", "create", object)]);
    const update = (state: number): Promise<string> =>
      codeOf(database.commit([change("objects", "update", tenantId, id, 1, { row: { state } })]));
    t.same(await Promise.all([update(2), update(3)]), ["success", "conflict"]);
    t.match(await database.read.objects.byId(tenantId, id), { state: 2, version: 2 });
  });

  await t.test("an update replaces index rows and names where they are given", async (t) => {
    const tenantId = randomUUID();
    const object = newObject(tenantId);
    const { id } = object.row;
    await database.commit([change("objects", "create", object)]);
    const attributes = [{ attribute: "x", value: "new", number: 2n ** 62n }];
    await database.commit([change("objects", "update", tenantId, id, 1, { attributes, names: [] })]);
    const ids = async (attribute: string, equals: string): Promise<readonly string[]> => {
      const filter = { on: "attribute", attribute, equals } as const;
      return [...textsIn((await database.read.objects.locate(tenantId, [filter], { limit: 9 })).ids)];
    };
    t.same(await ids("x", "new"), [id]);
    t.same(await ids("x-serial", id), []);
    t.same(await database.read.objects.names(tenantId, id), []);
    const next = { ...newObject(tenantId), names: object.names };
    t.equal(await codeOf(database.commit([change("objects", "create", next), ...free(next)])), "success");
  });

  await t.test("objects share a name unless a commit requires it to be free", async (t) => {
    const tenantId = randomUUID();
    const first = newObject(tenantId);
    const second = { ...newObject(tenantId), names: first.names };
    await database.commit([change("objects", "create", first)]);
    t.equal(await codeOf(database.commit([change("objects", "create", second)])), "success");
    const third = { ...newObject(tenantId), names: first.names };
    t.equal(
      await codeOf(database.commit([change("objects", "create", third), ...free(third)])),
      "duplicate object_names.name",
    );
    const elsewhere = { ...newObject(randomUUID()), names: first.names };
    t.equal(await codeOf(database.commit([change("objects", "create", elsewhere), ...free(elsewhere)])), "success");
  });

  await t.test("of two commits that want one name at the same time one gets it", async (t) => {
    const tenantId = randomUUID();
    const first = newObject(tenantId);
    const second = { ...newObject(tenantId), names: first.names };
    const outcomes = await Promise.all(
      [first, second].map((object) => codeOf(database.commit([change("objects", "create", object), ...free(object)]))),
    );
    t.same(outcomes, ["success", "duplicate object_names.name"]);
  });

  await t.test("rows of the audit trail of two processes that write the same chain do not fork it", async (t) => {
    const tenantId = randomUUID();
    const other = await openDatabase(configuration);
    const append = (where: Database): Promise<unknown> =>
      where.commit([change("audit", "append", auditRecord(tenantId))]);
    for (let round = 0; round < 3; round += 1) {
      await append(database);
      await append(other);
    }
    await other.close();
    t.same(await sequences(database, tenantId), [1, 2, 3, 4, 5, 6]);
  });

  await t.test("what cannot be sent to the thread fails alone", async (t) => {
    const tenantId = randomUUID();
    const bad = { ...auditRecord(tenantId), detail: (() => "") as unknown as string };
    const outcomes = await Promise.all([
      codeOf(database.commit([change("audit", "append", bad)])),
      codeOf(database.commit([change("audit", "append", auditRecord(tenantId))])),
    ]);
    t.same(outcomes, ["internal", "success"]);
  });

  await t.test("a change that does not exist is refused", async (t) => {
    for (const [repository, method] of [
      ["objects", "drop"],
      ["constructor", "create"],
      ["objects", "toString"],
    ]) {
      const unknown: Change = { repository: String(repository), method: String(method), parameters: [] };
      t.equal(await codeOf(database.commit([unknown])), "internal");
    }
  });

  await t.test("more calls than the queue takes are refused as overloaded", async (t) => {
    const small = await openDatabase({ ...configuration, limits: { queue: 3 } });
    const tenantId = randomUUID();
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => codeOf(small.commit([change("audit", "append", auditRecord(tenantId))]))),
    );
    await small.close();
    t.same(outcomes, ["success", "success", "success", "overloaded", "overloaded"]);
  });

  await t.test("close finishes what was accepted", async (t) => {
    const closing = await openDatabase(configuration);
    const tenantId = randomUUID();
    const commits = Array.from({ length: 50 }, () =>
      codeOf(closing.commit([change("audit", "append", auditRecord(tenantId))])),
    );
    await closing.close();
    t.ok((await Promise.all(commits)).every((outcome) => outcome === "success"));
    t.equal(await codeOf(closing.commit([])), "unavailable");
    t.equal((await sequences(database, tenantId)).length, 50);
  });

  await t.test("check proves a durable write and a read", async () => database.check());
});
