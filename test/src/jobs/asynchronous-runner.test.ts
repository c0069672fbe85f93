import { join } from "node:path";
import t from "tap";
import { AsynchronousRunner, type ClaimedBatch } from "#src/jobs/asynchronous-runner.js";
import { change } from "#storage/changes.js";
import { type Database, openDatabase } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import { temporaryFolder } from "#test/support/databases.js";
import { asynchronousRequestRow } from "#test/support/rows.js";

/** The database, but that it once cannot be reached when a batch is to be given back. */
function failingOnce(database: Database): Database {
  let hasFailed = false;
  const commit: Database["commit"] = async (changes) => {
    if (hasFailed || changes[0]?.method !== "giveBack") return database.commit(changes);
    hasFailed = true;
    throw new StorageError("unavailable", "the database is away");
  };
  return new Proxy(database, {
    get: (target, name) => (name === "commit" ? commit : Reflect.get(target, name, target)),
  });
}

t.test("a batch that could not be gone on with is taken up again, although the database was away then", async (t) => {
  const filename = join(temporaryFolder(t), "test.db");
  const database = await openDatabase({ client: "better-sqlite3", filename, nodeId: "node-1" });
  t.teardown(() => database.close());
  const row = asynchronousRequestRow();
  const { batchId } = row;
  await database.commit([change("asynchronousRequests", "submit", row, { ofClient: 1, ofTenant: 1 })]);
  const runs: ClaimedBatch[] = [];
  let takenUpAgain: () => void = () => undefined;
  const again = new Promise<void>((resolve) => {
    takenUpAgain = resolve;
  });
  const runner = new AsynchronousRunner({
    database: failingOnce(database),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    concurrency: 1,
    async perform(batch) {
      runs.push(batch);
      if (runs.length === 1) throw new StorageError("unavailable", "the database is away");
      takenUpAgain();
    },
    now: () => Date.now(),
  });
  await runner.start();
  await again;
  await runner.stop();
  t.strictSame(
    runs.map((run) => run.batchId),
    [batchId, batchId],
  );
  t.not(runs[0]?.claim, runs[1]?.claim);
});
