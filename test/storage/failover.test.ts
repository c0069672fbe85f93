import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import type { Outage } from "#storage/availability.js";
import { change } from "#storage/changes.js";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import { type Database, openDatabase } from "#storage/database.js";
import { openConnection } from "#storage/drivers/index.js";
import { StorageError } from "#storage/errors.js";
import type { AuditPosition } from "#storage/types.js";
import { postgresPrograms, startPostgres, type TestPostgres } from "#test/support/postgres.js";
import { auditRecord } from "#test/support/rows.js";
import { command, demandStandby, promote, startStandby } from "#test/support/standby.js";

const skip = postgresPrograms() === null ? "POSTGRESQL IS NOT INSTALLED: THESE TESTS DID NOT RUN" : false;
const tenantId = randomUUID();
const cancelWaits = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";

function both(first: TestPostgres, second: TestPostgres): DatabaseConfiguration & { readonly client: "pg" } {
  const { host, port } = second.configuration;
  return { ...first.configuration, alternatives: [{ host, port }], timeoutMs: 1500, nodeId: "node-1" };
}

async function append(database: Database): Promise<AuditPosition> {
  const [position] = await database.commit([change("audit", "append", auditRecord(tenantId))]);
  return position;
}

async function untilAppended(database: Database): Promise<AuditPosition> {
  for (;;) {
    const position = await append(database).catch((error: unknown) => {
      if (error instanceof StorageError) return null;
      throw error;
    });
    if (position !== null) return position;
    await pause(50);
  }
}

t.test("a PostgreSQL with a standby", { skip }, async (t) => {
  const first = await startPostgres();
  t.teardown(() => first.stop());
  const outages: (Outage | null)[] = [];
  const warnings: string[] = [];
  const log = { info: () => undefined, error: () => undefined, warn: (_: object, text: string) => warnings.push(text) };
  const open = (configuration: DatabaseConfiguration, known: readonly AuditPosition[] = []): Promise<Database> =>
    openDatabase(
      configuration,
      log,
      {
        group: () => undefined,
        committed: () => undefined,
        standing: (outage) => void outages.push(outage),
      },
      known,
    );
  const second = await startStandby(first);
  t.teardown(() => second.stop());
  const database = await open(both(first, second));
  t.teardown(() => database.close());

  await t.test("is said to lose what is newest where it does not wait for the standby", async (t) => {
    t.match(warnings, [/synchronous_standby_names is empty/]);
    warnings.length = 0;
  });

  await t.test("answers no commit whose wait for the standby somebody ended", async (t) => {
    await append(database);
    await second.kill();
    await demandStandby(first, true);
    await pause(100);
    const waiting = append(database);
    const cancel = setInterval(() => void command(first, cancelWaits), 100);
    await t.rejects(waiting, { code: "unavailable", outcomeUnknown: true, message: /warning: .*standby|synchronous/ });
    clearInterval(cancel);
    await second.restart();
    await untilAppended(database);
  });

  await t.test("is followed to where writes are taken, by reads as well", async (t) => {
    const before = await untilAppended(database);
    await promote(second);
    await command(first, "alter system set default_transaction_read_only = on", "select pg_reload_conf()");
    const after = await untilAppended(database);
    t.equal(after.sequence, before.sequence + 1);
    t.equal(await database.read.audit.firstUnmet(tenantId, "node-1", [before, after]), null, "reads see it");
    t.match(warnings.join(), /was passed over: it is a standby, or set to read-only/);
  });

  await t.test("that others left behind is passed over, and refused where it is the only one", async (t) => {
    const known = await untilAppended(database);
    const old = await openConnection({ ...first.configuration, nodeId: "test" }, "migrate");
    await old.command("set default_transaction_read_only = off");
    await old.command("alter system reset default_transaction_read_only");
    await old.command("select pg_reload_conf()");
    await old.close();
    await demandStandby(first, false);
    await t.rejects(open({ ...first.configuration, nodeId: "node-1" }, [known]), {
      code: "behind",
      message: new RegExp(`lacks what was acknowledged: row ${known.sequence} `),
    });
    const other = await open(both(first, second), [known]);
    t.equal(await other.read.audit.firstUnmet(tenantId, "node-1", [known]), null);
    await other.close();

    await second.kill();
    while (outages.at(-1)?.code !== "behind") {
      await t.rejects(append(database), { name: "StorageError" });
      await pause(50);
    }
    await t.rejects(append(database), { code: "behind" });
    await second.restart();
    const next = await untilAppended(database);
    t.equal(next.sequence, known.sequence + 1, "the chain is not forked");
    t.match(warnings.join(), /was passed over: the database lacks what was acknowledged/);
  });
});
