/**
 * What the storage layer does a second, with 32 calls in flight, and what a call costs this process in CPU time: `node build/test/bench/storage.js [CLIENT …]`, where a
 * client is better-sqlite3, sqlite3 or pg (which starts a PostgreSQL of its own).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { verifyAudit } from "#src/audit/verify.js";
import { change } from "#storage/changes.js";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import { type Database, openDatabase } from "#storage/database.js";
import { startPostgres } from "#test/support/postgres.js";
import { auditRecord, newObject } from "#test/support/rows.js";

const inFlight = 32;
const secondsEach = Number(process.env["BENCH_SECONDS"] ?? 3);

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  const end = performance.now() + secondsEach * 1000;
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  times.sort((one, other) => one - other);
  const at = (part: number): string => (times[Math.floor(times.length * part)] ?? 0).toFixed(2);
  const rate = Math.round(times.length / seconds)
    .toLocaleString("en")
    .padStart(9);
  const each = Math.round((user + system) / times.length);
  process.stdout.write(`  ${name.padEnd(34)} ${rate} /s   p50 ${at(0.5)} ms   p99 ${at(0.99)} ms   CPU ${each} µs\n`);
}

async function drive(database: Database): Promise<void> {
  const tenantId = "bench";
  const ids: string[] = [];
  await measure("commit: audit row", () => database.commit([change("audit", "append", auditRecord(tenantId))]));
  await measure("commit: object, 3 index rows, audit", async () => {
    const object = newObject(tenantId);
    await database.commit([
      change("objects", "create", object),
      change("audit", "append", auditRecord(tenantId, { objectId: object.row.id })),
    ]);
    ids.push(object.row.id);
  });
  let next = 0;
  const nextId = (): string => ids[next++ % ids.length] ?? "";
  const seen = new Map<string, number>();
  await measure("commit: object update, audit", async () => {
    const id = nextId();
    const version = seen.get(id) ?? 1;
    seen.set(id, version + 1);
    await database.commit([
      change("objects", "update", tenantId, id, version, { row: { state: 2, lastChangeDate: 1_700_000_001 } }),
      change("audit", "append", auditRecord(tenantId, { objectId: id })),
    ]);
  });
  await measure("read: object by id", () => database.read.objects.byId(tenantId, nextId()));
  await measure("read: locate by name", () =>
    database.read.objects.locate(tenantId, [{ on: "name", name: `name-${nextId()}` }], { limit: 10 }),
  );
  await measure("read: locate by 2 attributes, type", () => {
    const id = nextId();
    return database.read.objects.locate(
      tenantId,
      [
        { on: "attribute", attribute: "Object Group", equals: `group-${id}` },
        { on: "attribute", attribute: "x-serial", equals: id },
        { on: "column", column: "objectType", equals: 2 },
      ],
      { limit: 10 },
    );
  });
  const begun = performance.now();
  let rows = 0;
  for await (const report of verifyAudit(database.read)) {
    if (report.fault !== null) throw new Error("the audit trail is not whole");
    rows += report.rows;
  }
  const rate = Math.round(rows / ((performance.now() - begun) / 1000)).toLocaleString("en");
  process.stdout.write(`  ${"audit verify".padEnd(34)} ${rate.padStart(9)} rows/s (${rows} rows)\n`);
  process.stdout.write(`  ${ids.length} objects stored\n`);
}

async function bench(client: string): Promise<void> {
  process.stdout.write(`${client}, ${inFlight} in flight, ${secondsEach} s each\n`);
  const folder = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? ".", "storage-bench-"));
  const postgres = client === "pg" ? await startPostgres() : undefined;
  try {
    const configuration: DatabaseConfiguration =
      postgres === undefined
        ? {
            client: client === "sqlite3" ? "sqlite3" : "better-sqlite3",
            filename: join(folder, "bench.db"),
            nodeId: "n",
          }
        : { ...postgres.configuration, nodeId: "n" };
    const database = await openDatabase(configuration);
    await drive(database);
    await database.close();
  } finally {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const clients = process.argv.slice(2);
for (const client of clients.length === 0 ? ["better-sqlite3", "sqlite3"] : clients) await bench(client);
