import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import { type Database, openDatabase } from "#storage/database.js";
import { postgresPrograms, startPostgres, type TestPostgres } from "./postgres.js";

/** A database of one test file, on one of the drivers. */
export interface TestDatabase {
  readonly database: Database;
  readonly configuration: DatabaseConfiguration;
  /** Only where the database is PostgreSQL. */
  readonly postgres: TestPostgres | undefined;
}

async function withDatabase(
  t: Test,
  configuration: DatabaseConfiguration,
  postgres: TestPostgres | undefined,
  tests: (t: Test, opened: TestDatabase) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(configuration);
  try {
    await tests(t, { database, configuration, postgres });
  } finally {
    await database.close();
  }
}

/** A folder that is removed when the test ends. */
export function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-test-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the same tests on every driver. PostgreSQL is left out, loudly, only where it is not installed. */
export async function onEveryDatabase(t: Test, tests: (t: Test, opened: TestDatabase) => Promise<void>): Promise<void> {
  for (const client of ["better-sqlite3", "sqlite3"] as const) {
    await t.test(client, async (t) => {
      const filename = join(temporaryFolder(t), "test.db");
      await withDatabase(t, { client, filename, nodeId: "node-1" }, undefined, tests);
    });
  }
  const skip = postgresPrograms() === null ? "POSTGRESQL IS NOT INSTALLED: THESE TESTS DID NOT RUN" : false;
  await t.test("pg", { skip }, async (t) => {
    const postgres = await startPostgres();
    t.teardown(() => postgres.stop());
    await withDatabase(t, { ...postgres.configuration, nodeId: "node-1" }, postgres, tests);
  });
}
