import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { verifyAudit } from "#src/audit/verify.js";
import { change } from "#storage/changes.js";
import { openDatabase } from "#storage/database.js";
import { postgresError, sqliteError } from "#storage/driver-errors.js";
import { openConnection } from "#storage/drivers/index.js";
import { StorageError } from "#storage/errors.js";
import { migrate } from "#storage/migrate.js";
import { statement } from "#storage/statements.js";
import type { CommitCall } from "#storage/threads/messages.js";
import { ThreadClient } from "#storage/threads/thread-client.js";
import { onEveryDatabase, temporaryFolder } from "#test/support/databases.js";
import { auditRecord, newObject } from "#test/support/rows.js";

const failure = (message: string, code: string): Error => Object.assign(new Error(message), { code });

await t.test("errors of SQLite and of the file system have one meaning each", async (t) => {
  const meanings = {
    SQLITE_FULL: "full",
    SQLITE_READONLY_DBMOVED: "read-only",
    SQLITE_CORRUPT_INDEX: "damaged",
    SQLITE_NOTADB: "damaged",
    SQLITE_BUSY_SNAPSHOT: "unavailable",
    SQLITE_IOERR_FSYNC: "unavailable",
    SQLITE_CANTOPEN: "unavailable",
    SQLITE_MISUSE: "internal",
    ENOSPC: "full",
    EROFS: "read-only",
    EACCES: "unavailable",
  };
  for (const [code, meaning] of Object.entries(meanings))
    t.equal(sqliteError(failure("text", code)).code, meaning, code);
});

await t.test("errors of PostgreSQL and of the connection to it have one meaning each", async (t) => {
  const meanings = {
    "53100": "full",
    "25006": "read-only",
    XX001: "damaged",
    "57P01": "unavailable",
    "53300": "unavailable",
    "40001": "unavailable",
    "40P01": "unavailable",
    "42601": "internal",
    ECONNREFUSED: "unavailable",
    EPIPE: "unavailable",
  };
  for (const [code, meaning] of Object.entries(meanings))
    t.equal(postgresError(failure("text", code)).code, meaning, code);
  t.equal(postgresError(new Error("Connection terminated unexpectedly")).code, "unavailable");
});

await t.test("a file that is no database is reported as damaged", async (t) => {
  for (const client of ["better-sqlite3", "sqlite3"] as const) {
    const filename = join(temporaryFolder(t), "test.db");
    writeFileSync(filename, "no database, but long enough to look like one\n".repeat(100));
    await t.rejects(openDatabase({ client, filename, nodeId: "n" }), { name: "StorageError", code: "damaged" });
  }
});

await t.test("a folder that does not exist is reported as unavailable", async (t) => {
  const filename = join(temporaryFolder(t), "none", "test.db");
  await t.rejects(openDatabase({ client: "better-sqlite3", filename, nodeId: "n" }), { code: "unavailable" });
});

await t.test("both SQLite drivers make commits durable", async (t) => {
  for (const client of ["better-sqlite3", "sqlite3"] as const) {
    const configuration = { client, filename: join(temporaryFolder(t), "test.db"), nodeId: "n" };
    const connection = await openConnection(configuration, "write");
    const pragma = (name: string) =>
      connection.select(
        statement((knex) => knex.raw(`pragma ${name}`)),
        [],
      );
    t.same(await pragma("journal_mode"), [{ journal_mode: "wal" }]);
    t.same(await pragma("synchronous"), [{ synchronous: 2 }]);
    await connection.close();
  }
});

await onEveryDatabase(t, async (t, { database, configuration, postgres }) => {
  await t.test("migrations run once, and a newer release's are left alone", async (t) => {
    const connection = await openConnection(configuration, "write");
    t.same(await migrate(connection), []);
    await connection.command("insert into migrations (name, applied_at) values ('9999-of-the-future', 1)");
    t.same(await migrate(connection), []);
    await connection.close();
  });

  await t.test("a PostgreSQL told not to wait for the disk waits for our commits all the same", async (t) => {
    if (postgres === undefined) return;
    const other = await openConnection(configuration, "write");
    await other.command("alter system set synchronous_commit = 'off'");
    await other.command("select pg_reload_conf()");
    await other.close();
    const setting = statement((knex) => knex.raw("select current_setting('synchronous_commit') as setting"));
    const connection = await openConnection(configuration, "write");
    t.same(await connection.select(setting, []), [{ setting: "on" }]);
    await connection.close();
  });

  await t.test("the reading connection takes no writes", async (t) => {
    if (configuration.client === "pg") return;
    const connection = await openConnection(configuration, "read");
    await t.rejects(connection.command("insert into server_state (key, value) values ('a', 'b')"), {
      code: "read-only",
    });
    await connection.close();
  });

  await t.test(
    "no commit that was answered is lost when the server is killed, and work goes on by itself",
    async (t) => {
      if (postgres === undefined) return;
      const tenantId = randomUUID();
      const answered: string[] = [];
      const codes = new Set<string>();
      let stopped = false;
      const lane = async (): Promise<void> => {
        while (!stopped) {
          const object = newObject(tenantId);
          try {
            await database.commit([
              change("objects", "create", object),
              change("audit", "append", auditRecord(tenantId, { objectId: object.row.id })),
            ]);
            answered.push(object.row.id);
          } catch (error) {
            if (!(error instanceof StorageError)) throw error;
            codes.add(error.code);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
      };
      const lanes = Array.from({ length: 8 }, lane);
      const until = async (done: () => boolean): Promise<void> => {
        while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
      };
      await until(() => answered.length > 50);
      await postgres.kill();
      await until(() => codes.size > 0);
      await t.rejects(database.read.objects.byId(tenantId, "x"), { code: "unavailable" });
      await t.rejects(database.check(), { code: "unavailable" });
      await postgres.restart();
      const before = answered.length;
      await until(() => answered.length > before + 50);
      stopped = true;
      await Promise.all(lanes);
      t.same([...codes], ["unavailable"]);
      const found = await database.read.objects.byIds(tenantId, answered);
      t.equal(found.length, answered.length);
      for await (const { fault, rows } of verifyAudit(database.read, { tenantId })) {
        t.equal(fault, null);
        t.ok(rows >= answered.length);
      }
    },
  );
});

await t.test("a thread that dies rejects what it had, and another takes its place", async (t) => {
  const configuration = {
    client: "better-sqlite3",
    filename: join(temporaryFolder(t), "test.db"),
    nodeId: "n",
  } as const;
  const lines: string[] = [];
  const log = (_details: object, message: string): void => void lines.push(message);
  const thread = new ThreadClient<CommitCall>({ role: "write", configuration }, 10, {
    info: log,
    warn: log,
    error: log,
  });
  await thread.start();
  // No caller can send this: the thread does not survive it.
  const deadly = thread.call(() => null as unknown as CommitCall);
  await t.rejects(deadly, { name: "StorageError", code: "unavailable", outcomeUnknown: true });
  const append = (): Promise<unknown> =>
    thread.call((id) => ({ id, changes: [change("audit", "append", auditRecord("t"))] }));
  await t.rejects(append(), { code: "unavailable", outcomeUnknown: false });
  for (let answer: unknown; answer === undefined; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer = await append().catch(() => undefined);
  }
  t.ok(lines.includes("a database thread failed"));
  t.equal(thread.waiting, 0);
  await thread.close();
});

await t.test("processes that start together on a new database agree on its schema", async (t) => {
  const filename = join(temporaryFolder(t), "test.db");
  const configurations = ["one", "two", "three"].map(
    (nodeId) => ({ client: "better-sqlite3", filename, nodeId }) as const,
  );
  const databases = await Promise.all(configurations.map((configuration) => openDatabase(configuration)));
  const tenantId = randomUUID();
  await Promise.all(databases.map((database) => database.commit([change("audit", "append", auditRecord(tenantId))])));
  t.equal((await databases[0]?.read.audit.chains())?.length, 3);
  await Promise.all(databases.map((database) => database.close()));
});
