import type { Knex } from "knex";
import type { Connection } from "./connection.js";
import { migrations } from "./migrations/index.js";
import type { Dialect, Migration } from "./migrations/migration.js";
import { slot, statement } from "./statements.js";

const applied = statement((knex) => knex("migrations").select("name"));
const record = statement((knex) => knex("migrations").insert({ name: slot(0), applied_at: slot(1) }));

// Any number does, as long as every release of ours takes the same.
const advisoryLock = 5_696_001;

function dialectOf(knex: Knex): Dialect {
  return knex.client.config.client === "pg" ? "postgresql" : "sqlite";
}

function sqlOf(knex: Knex, migration: Migration): readonly string[] {
  return migration
    .up(knex, dialectOf(knex))
    .flatMap((part) => (typeof part === "string" ? [part] : part.toSQL().map(({ sql }) => sql)));
}

/**
 * Brings the schema up to date and gives the names of the migrations applied now. All in one transaction under a lock:
 * a crash leaves the schema as it was, and processes that start together wait for each other. Migrations in the database
 * that this release does not know are a newer release's additions and are left alone. Throws StorageError.
 */
export async function migrate(connection: Connection): Promise<readonly string[]> {
  const { knex } = connection.driver;
  const postgres = dialectOf(knex) === "postgresql";
  await connection.command(postgres ? "begin" : "begin immediate");
  try {
    if (postgres) await connection.command(`select pg_advisory_xact_lock(${advisoryLock})`);
    await connection.command(
      "create table if not exists migrations (name text not null primary key, applied_at bigint not null)",
    );
    const known = new Set((await connection.select(applied, [])).map(({ name }) => name));
    const pending = migrations.filter(({ name }) => !known.has(name));
    for (const migration of pending) {
      for (const sql of sqlOf(knex, migration)) await connection.command(sql);
      await connection.run(record, [migration.name, Date.now()]);
    }
    await connection.command("commit");
    return pending.map(({ name }) => name);
  } catch (error) {
    await connection.command("rollback").catch(() => undefined);
    throw error;
  }
}
