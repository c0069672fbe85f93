import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import t, { type Test } from "tap";
import type { Outage } from "#storage/availability.js";
import { change } from "#storage/changes.js";
import { type Database, openDatabase } from "#storage/database.js";
import { openConnection } from "#storage/drivers/index.js";
import { statement } from "#storage/statements.js";
import { freeze } from "#test/support/frozen-postgres.js";
import { postgresPrograms, startPostgres, type TestPostgres } from "#test/support/postgres.js";
import { auditRecord } from "#test/support/rows.js";

const skip = postgresPrograms() === null ? "POSTGRESQL IS NOT INSTALLED: THESE TESTS DID NOT RUN" : false;
const tenantId = randomUUID();
const append = (database: Database): Promise<unknown> =>
  database.commit([change("audit", "append", auditRecord(tenantId))]);

const backends = statement((knex) =>
  knex.raw("select count(*)::int as number from pg_stat_activity where application_name = 'keyreeve'"),
);

interface Opened {
  readonly postgres: TestPostgres;
  readonly database: Database;
  readonly outages: (Outage | null)[];
  readonly configuration: Parameters<typeof openDatabase>[0];
}

const postgres = skip === false ? await startPostgres() : undefined;
t.teardown(() => postgres?.stop());

async function opened(t: Test): Promise<Opened> {
  if (postgres === undefined) throw new RangeError("PostgreSQL is installed");
  const configuration = { ...postgres.configuration, timeoutMs: 800, nodeId: "node-1" };
  const outages: (Outage | null)[] = [];
  const database = await openDatabase(configuration, undefined, {
    group: () => undefined,
    committed: () => undefined,
    standing: (outage) => void outages.push(outage),
  });
  t.teardown(() => database.close());
  return { postgres, database, outages, configuration };
}

async function untilServed(database: Database): Promise<void> {
  for (;;) {
    const isServed = await append(database).then(
      () => true,
      () => false,
    );
    if (isServed) return;
    await pause(50);
  }
}

t.test("a PostgreSQL that stands still", { skip }, async (t) => {
  const { postgres, database, outages, configuration } = await opened(t);
  await append(database);

  await t.test("is given up on, by those that wait and at once by those that come later", async (t) => {
    const thaw = freeze(postgres);
    const waiting = Array.from({ length: 20 }, () => append(database));
    const ends = await Promise.allSettled([...waiting, database.read.serverState.get("x")]);
    t.same(
      ends.map((end) => end.status === "rejected" && end.reason.code),
      ends.map(() => "unavailable"),
    );
    const codes = new Set<unknown>();
    for (let tries = 0; tries < 2000; tries += 1) await append(database).catch((error) => codes.add(error.code));
    t.same([...codes], ["unavailable"]);
    t.equal(database.waiting().commits < 5, true, "nothing but trials waits");
    await t.rejects(database.check(), { code: "unavailable" });
    while (outages.every((outage) => outage?.isConfirmed !== true)) await pause(20);
    thaw();
  });

  await t.test("is worked with again as soon as it goes on, over no more connections than before", async (t) => {
    await untilServed(database);
    t.equal(outages.at(-1), null);
    t.equal(outages.filter((outage) => outage?.isConfirmed === true).length, 1);
    const other = await openConnection(configuration, "read");
    let number = 0;
    do {
      number = Number((await other.select(backends, []))[0]?.["number"]);
    } while (number > 4);
    t.ok(number <= 4, `${number} connections: a writer, two readers and this one`);
    await other.close();
  });
});

t.test("a table that another program has locked is waited for a bounded time only", { skip }, async (t) => {
  const { database, outages, configuration } = await opened(t);
  const other = await openConnection(configuration, "migrate");
  await other.command("begin");
  await other.command("lock table audit in access exclusive mode");
  await t.rejects(append(database), { code: "unavailable", message: /lock timeout/ });
  t.equal(outages[0]?.code, "unavailable");
  await other.command("rollback");
  await untilServed(database);
  await other.close();
});

t.test("limits of waiting that the operator set shorter are kept", { skip }, async (t) => {
  const { configuration } = await opened(t);
  const admin = await openConnection(configuration, "migrate");
  await admin.command("alter role keyreeve set statement_timeout = '123ms'");
  await admin.close();
  const setting = statement((knex) =>
    knex.raw("select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock"),
  );
  const connection = await openConnection(configuration, "write");
  t.same(await connection.select(setting, []), [{ statement: "123ms", lock: "560ms" }]);
  await connection.close();
});
