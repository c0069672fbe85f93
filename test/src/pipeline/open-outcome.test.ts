import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t, { type Test } from "tap";
import { verifyAudit } from "#src/audit/verify.js";
import { type Committing, commitAudited, type Ending } from "#src/pipeline/commit-audited.js";
import { aheadOfRequest, NotCommitted, settleOutcome } from "#src/pipeline/open-outcome.js";
import { type Database, openDatabase } from "#storage/database.js";
import { openConnection } from "#storage/drivers/index.js";
import { StorageError } from "#storage/errors.js";
import type { CommitCall } from "#storage/threads/messages.js";
import { ThreadClient } from "#storage/threads/thread-client.js";
import type { AuditPosition, AuditRecord } from "#storage/types.js";
import { CommitCutter } from "#test/support/commit-cutter.js";
import { onEveryDatabase, temporaryFolder } from "#test/support/databases.js";
import { postgresPrograms, startPostgres, type TestPostgres } from "#test/support/postgres.js";
import { auditRecord } from "#test/support/rows.js";

t.setTimeout(550_000);

const broken = new StorageError("unavailable", "the connection broke", { outcomeUnknown: true });
const tenantId = "t";

type Used = Pick<Database, "commit">;

/** A database whose commits break so many times, before or after they are on disk. */
function breaking(database: Database, times: number, when: "before" | "after"): Used {
  let left = times;
  const commit = async (changes: Parameters<Database["commit"]>[0]): Promise<unknown> => {
    const breaks = left > 0;
    left -= 1;
    if (breaks && when === "before") throw broken;
    const result = await database.commit(changes);
    if (breaks) throw broken;
    return result;
  };
  return { commit: commit as Database["commit"] };
}

await onEveryDatabase(t, async (t, { database }) => {
  const grown: AuditPosition[] = [];
  const over = (used: Used) => ({
    database: used,
    auditAppended: (position: AuditPosition) => void grown.push(position),
  });
  const outcomes = async (eventId: string): Promise<readonly string[]> =>
    (await database.read.audit.list({ tenantId, eventId }, 10)).map(({ outcome }) => outcome);
  const records = (name: string, outcome = "success"): readonly AuditRecord[] =>
    [`${name}/1`, `${name}/2`].map((eventId) => auditRecord(tenantId, { eventId, outcome }));
  const settle = (used: Used, name: string, { patience = 5000, instead = "failure" } = {}): Promise<void> => {
    const ending: Ending = { changes: [], records: records(name, instead) };
    const until = performance.now() + patience;
    return settleOutcome(over(used), { records: records(name), reason: broken, instead: async () => ending, until });
  };
  const commit = (name: string): Promise<void> =>
    commitAudited(over(database), { changes: [], records: records(name) });

  await t.test("a commit that happened is found, and stays the only record", async (t) => {
    await commit("happened");
    grown.length = 0;
    await settle(breaking(database, 2, "before"), "happened");
    t.same(await outcomes("happened/1"), ["success"]);
    t.same(await outcomes("happened/2"), ["success"]);
    t.equal(grown.length, 1);
  });

  for (const when of ["before", "after"] as const) {
    await t.test(`what did not happen cannot come true later, though looks break ${when} they end`, async (t) => {
      const thrown = await settle(breaking(database, 2, when), when).catch((error: unknown) => error);
      t.ok(thrown instanceof NotCommitted && !thrown.outcomeUnknown);
      t.same(await outcomes(`${when}/1`), ["failure"]);
      t.same(await outcomes(`${when}/2`), ["failure"]);
      await t.rejects(commit(when), { code: "duplicate", constraint: "audit.event_id" });
    });
  }

  await t.test("a commit that comes true while it is looked for is found", async (t) => {
    let looks = 0;
    const late = async (changes: Parameters<Database["commit"]>[0]): Promise<unknown> => {
      looks += 1;
      if (looks === 2) await commit("late");
      return database.commit(changes);
    };
    await settle({ commit: late as Database["commit"] }, "late");
    t.equal(looks, 3, "it is not there, it keeps its failure out, it is there");
    t.same(await outcomes("late/1"), ["success"]);
  });

  await t.test("an ending whose commit was interrupted is recorded once", async (t) => {
    for (const when of ["before", "after"] as const) {
      await settle(breaking(database, 1, when), `ending ${when}`, { instead: "success" });
      t.same(await outcomes(`ending ${when}/1`), ["success"]);
    }
  });

  await t.test("what a database does not tell in time stays open", async (t) => {
    const away = breaking(database, 1000, "before");
    await t.rejects(settle(away, "open", { patience: 20 }), { code: "unavailable", outcomeUnknown: true });
    const silent: Used = { commit: () => new Promise(() => undefined) };
    await t.rejects(settle(silent, "open", { patience: 20 }), { code: "unavailable", outcomeUnknown: true });
    t.same(await outcomes("open/1"), []);
  });
});

t.test("an interruption of what comes before a request leaves nothing open of the request", async (t) => {
  t.match(aheadOfRequest(broken), { code: "unavailable", outcomeUnknown: false });
  const other = new StorageError("conflict", "another version");
  t.equal(aheadOfRequest(other), other);
});

t.test("the end of the thread that writes leaves nothing open for long", async (t) => {
  const filename = join(temporaryFolder(t), "test.db");
  const configuration = { client: "better-sqlite3", filename, nodeId: "node-1" } as const;
  const database = await openDatabase(configuration);
  t.teardown(() => database.close());
  const thread = new ThreadClient<CommitCall>({ role: "write", configuration }, 10, undefined);
  await thread.start();
  t.teardown(() => thread.close());
  const commit = (changes: Parameters<Database["commit"]>[0]): Promise<unknown> =>
    thread.call((id) => ({ id, changes }));
  const committing = {
    database: { commit: commit as Database["commit"] },
    auditAppended: () => undefined,
  };
  const end = (outcome: string): Ending => ({
    changes: [],
    records: [auditRecord(tenantId, { eventId: "ended", outcome })],
  });
  // No caller can send this: the thread does not survive it.
  const deadly = thread.call(() => null as unknown as CommitCall);
  const [reason] = await Promise.all([
    commitAudited(committing, end("success")).catch((error: unknown) => error),
    t.rejects(deadly, { code: "unavailable" }),
  ]);
  if (!(reason instanceof StorageError) || !reason.outcomeUnknown) throw new RangeError("the thread ended");
  const { records } = end("success");
  const until = performance.now() + 10_000;
  const settled = settleOutcome(committing, { records, reason, instead: async () => end("failure"), until });
  t.ok((await settled.catch((error: unknown) => error)) instanceof NotCommitted);
  const rows = await database.read.audit.list({ tenantId, eventId: "ended" }, 10);
  t.same(
    rows.map(({ outcome }) => outcome),
    ["failure"],
  );
});

const skip = postgresPrograms() === null ? "POSTGRESQL IS NOT INSTALLED: THESE TESTS DID NOT RUN" : false;

t.test("commits that shared a transaction which was cut off are each found out", { skip }, async (t) => {
  const postgres = await startPostgres();
  t.teardown(() => postgres.stop());
  const cutter = await CommitCutter.start(postgres.configuration.host);
  t.teardown(() => cutter.stop());
  const { hostname: host, port } = new URL(cutter.url);
  const database = await openDatabase({ ...postgres.configuration, host, port: Number(port), nodeId: "node-1" });
  t.teardown(() => database.close());
  const committing = { database, auditAppended: () => undefined };
  const together = 20;

  for (const [cut, outcome] of [
    ["after", "success"],
    ["late", "success"],
    ["before", "failure"],
  ] as const) {
    const cutting = cutter.cut(`${cut} 0`, cut);
    const settled = Array.from({ length: together }, async (_, index) => {
      const end = (outcome: string): Ending => ({
        changes: [],
        records: [auditRecord(tenantId, { eventId: `${cut} ${index}`, outcome })],
      });
      const { records } = end("success");
      const until = performance.now() + 10_000;
      const reason = await commitAudited(committing, end("success")).catch((error: unknown) => error);
      if (!(reason instanceof StorageError) || !reason.outcomeUnknown)
        throw new RangeError("it shared the transaction");
      await settleOutcome(committing, { records, reason, instead: async () => end("failure"), until });
    });
    const ends = await Promise.allSettled(settled);
    await cutting;
    for (const [index, end] of ends.entries()) {
      const rows = await database.read.audit.list({ tenantId, eventId: `${cut} ${index}` }, 10);
      t.same(
        [end.status, ...rows.map((row) => row.outcome)],
        [outcome === "success" ? "fulfilled" : "rejected", outcome],
      );
    }
  }
  for await (const { fault } of verifyAudit(database.read, { tenantId })) t.equal(fault, null);

  await t.test("and none counts as done before the standbys have it that PostgreSQL waits for", (t) =>
    waitsForStandbys(t, postgres, committing),
  );
});

async function waitsForStandbys(t: Test, { configuration }: TestPostgres, committing: Committing): Promise<void> {
  const admin = await openConnection({ ...configuration, nodeId: "admin" }, "migrate");
  t.teardown(() => admin.close());
  const waitFor = async (names: string): Promise<void> => {
    await admin.command(`alter system set synchronous_standby_names = '${names}'`);
    await admin.command("select pg_reload_conf()");
  };
  const records = [auditRecord(tenantId, { eventId: "after 0", outcome: "success" })];
  const found = (milliseconds: number): Promise<void> => {
    const until = performance.now() + milliseconds;
    const instead = async (): Promise<Ending> => ({ changes: [], records });
    return settleOutcome(committing, { records, reason: broken, instead, until });
  };
  await found(10_000);
  await waitFor("nobody");
  await pause(500);
  await t.rejects(found(1500), { code: "unavailable", outcomeUnknown: true });
  await waitFor("");
  await found(30_000);
}
