import { test } from "tap";
import { Events } from "#src/audit/events/events.js";
import { eventTable } from "#src/audit/events/table.js";
import { createLog, silentLog } from "#src/telemetry/log.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import type { Change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { AuditRecord } from "#storage/types.js";

/** A database that keeps audit rows, or fails as it is told. */
class Rows {
  readonly rows: AuditRecord[] = [];
  failure: StorageError | null = null;
  /** Keeps the row even though it fails. */
  keepsAllTheSame = false;

  async commit(changes: readonly Change[]): Promise<unknown[]> {
    const [record] = (changes[0]?.parameters ?? []) as AuditRecord[];
    if (record === undefined) throw new TypeError("no audit record");
    if (this.failure !== null && !this.keepsAllTheSame) throw this.failure;
    if (this.rows.some(({ eventId }) => eventId === record.eventId)) {
      throw new StorageError("duplicate", "the row is there", { constraint: "audit.event_id" });
    }
    this.rows.push(record);
    if (this.failure !== null) throw this.failure;
    return [];
  }

  get database(): Database {
    return this as unknown as Database;
  }
}

const away = new StorageError("unavailable", "away");

function setUp(options: { readonly foldMilliseconds?: number; readonly retryMilliseconds?: number } = {}) {
  const metrics = createMetrics({ process: false });
  const events = new Events({ log: silentLog(), metrics, now: () => Date.now(), ...options });
  return { metrics, events, rows: new Rows() };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const detailOf = (row: AuditRecord | undefined): Record<string, unknown> => JSON.parse(row?.detail ?? "{}");

test("an event is a row of its tenant's chain, or of the server's own, and a count", async (t) => {
  const { metrics, events, rows } = setUp();
  events.writeTo(rows.database);
  events.raise({ kind: "token-full", tenantId: "tenant-1", objectId: "key-1", detail: { call: "generateSecret" } });
  events.raise({ kind: "task-finished" });
  await until(() => rows.rows.length === 2);
  t.match(rows.rows[0], {
    tenantId: "tenant-1",
    operation: "(event)",
    objectId: "key-1",
    outcome: "failure",
    resultReason: "token-full",
    clientName: "server",
  });
  t.match(detailOf(rows.rows[0]), { severity: "error", call: "generateSecret", words: eventTable["token-full"].words });
  t.match(rows.rows[1], { tenantId: "server", outcome: "success", resultReason: "task-finished" });
  const { text } = await metrics.exposition();
  t.match(text, 'keyreeve_events_total{event="token-full",severity="error"} 1');
  await events.stop();
});

test("events of one kind for one tenant share a row, which says how many there were, when, and of which objects", async (t) => {
  const { metrics, events, rows } = setUp({ foldMilliseconds: 40 });
  events.writeTo(rows.database);
  for (let made = 0; made < 1000; made += 1) {
    events.raise({ kind: "key-missing", tenantId: "tenant-1", objectId: `key-${made % 30}` });
  }
  events.raise({ kind: "key-missing", tenantId: "tenant-2" });
  await until(() => rows.rows.length === 3);
  const [first, other, folded] = rows.rows;
  t.equal(first?.objectId, "key-0", "the first is told of at once, by itself");
  t.equal(other?.tenantId, "tenant-2", "another tenant is not folded into it");
  const {
    count,
    objects,
    first: since,
    last,
  } = detailOf(folded) as {
    count: number;
    objects: string[];
    first: string;
    last: string;
  };
  t.equal(count, 999);
  t.equal(objects.length, 20, "objects are named up to a limit");
  t.ok(Date.parse(since) <= Date.parse(last));
  const { text } = await metrics.exposition();
  t.match(text, 'event="key-missing",severity="critical"} 1001');
  await events.stop();
});

test("events raised before the database is open are written when it is", async (t) => {
  const { events, rows } = setUp();
  events.raise({ kind: "token-missing" });
  events.writeTo(rows.database);
  await until(() => rows.rows.length === 1);
  t.equal(rows.rows[0]?.resultReason, "token-missing");
  await events.stop();
});

test("while the database is away one row a kind and tenant waits, and is written when it is back", async (t) => {
  const { events, rows } = setUp({ retryMilliseconds: 10, foldMilliseconds: 10 });
  rows.failure = away;
  events.writeTo(rows.database);
  for (let made = 0; made < 500; made += 1) events.raise({ kind: "worker-crashed", tenantId: "tenant-1" });
  await new Promise((resolve) => setTimeout(resolve, 40));
  t.equal(rows.rows.length, 0);
  rows.failure = null;
  await until(() => rows.rows.length === 2);
  t.equal(detailOf(rows.rows[1])["count"], 499);
  await events.stop();
});

test("a row whose commit broke off without an answer is not written twice", async (t) => {
  const { events, rows } = setUp({ retryMilliseconds: 10 });
  rows.failure = away;
  rows.keepsAllTheSame = true;
  events.writeTo(rows.database);
  events.raise({ kind: "device-error", tenantId: "tenant-1" });
  await until(() => rows.rows.length === 1);
  rows.failure = null;
  await new Promise((resolve) => setTimeout(resolve, 60));
  await events.stop();
  t.equal(rows.rows.length, 1);
});

test("what is counted and not yet written is written at the stop", async (t) => {
  const { events, rows } = setUp();
  events.writeTo(rows.database);
  for (let made = 0; made < 5; made += 1) events.raise({ kind: "pin-refused", tenantId: "tenant-1" });
  await until(() => rows.rows.length === 1);
  await events.stop();
  t.equal(detailOf(rows.rows[1])["count"], 4);
});

test("what cannot be written even at the stop stands in the log", async (t) => {
  const lines: string[] = [];
  const log = createLog(
    { level: "info", format: "json", destination: "stderr" },
    { write: (line: string) => lines.push(line) },
  );
  const events = new Events({ log, metrics: createMetrics({ process: false }), now: () => Date.now() });
  events.raise({ kind: "task-failed", detail: { task: "rotate" } });
  await events.stop();
  t.ok(lines.some((line) => line.includes("before the server stopped") && line.includes("rotate")));
});
