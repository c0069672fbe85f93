import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { AuditCheckpoints } from "#src/audit/checkpoints.js";
import { change } from "#storage/changes.js";
import { openDatabase } from "#storage/database.js";
import { temporaryFolder } from "#test/support/databases.js";
import { auditRecord, tenantRow } from "#test/support/rows.js";

t.test("a pipe that takes no checkpoint is tried again once in a while, and not taken for one that does", async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, "checkpoints");
  execFileSync("mkfifo", [file]);
  const reader = await open(file, constants.O_RDWR | constants.O_NONBLOCK);
  t.teardown(() => reader.close());
  const database = await openDatabase({
    client: "better-sqlite3",
    filename: join(folder, "database"),
    nodeId: "node-1",
  });
  t.teardown(() => database.close());
  const tenants = [tenantRow(), tenantRow()];
  await database.commit(tenants.map((tenant) => change("tenants", "create", tenant)));
  const told: string[] = [];
  let signed = 0;
  const checkpoints = await AuditCheckpoints.start({
    ...{ database, nodeId: "node-1", keyId: "k", file, everyRows: 2, everyMs: 600_000, retryMs: 150 },
    sign: async () => {
      signed += 1;
      return Buffer.alloc(32);
    },
    standing: {
      begun: () => undefined,
      kept: () => void told.push("kept"),
      failed: () => void told.push("failed"),
    },
  });
  const grow = async (): Promise<void> => {
    for (const { id } of tenants) {
      const records = [1, 2].map(() => change("audit", "append", auditRecord(id)));
      for (const position of await database.commit(records)) checkpoints.observe(position);
    }
  };
  await untilBlocked(() => reader.write(Buffer.alloc(4096)));

  for (let round = 0; round < 20; round += 1) await grow();
  while (!told.includes("failed")) await pause(10);
  for (let round = 0; round < 20; round += 1) {
    await grow();
    await pause(5);
  }
  t.notOk(told.includes("kept"), "nothing was kept");
  t.ok(signed < 20, `${signed} tries for 160 rows`);

  await untilBlocked(() => reader.read(Buffer.alloc(4096), 0, 4096, null));
  while (!told.includes("kept")) await pause(10);
  await checkpoints.stop();
  for (const { id } of tenants) t.equal((await database.read.audit.lastCheckpoint(id, "node-1"))?.sequence, 80);
});

async function untilBlocked(work: () => Promise<unknown>): Promise<void> {
  const isBlocked = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EAGAIN";
  for (;;) {
    const goesOn = await work().then(
      () => true,
      (error: unknown) => {
        if (isBlocked(error)) return false;
        throw error;
      },
    );
    if (!goesOn) return;
  }
}
