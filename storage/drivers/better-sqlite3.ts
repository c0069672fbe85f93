import type { Driver } from "../connection.js";
import { sqliteError } from "../driver-errors.js";
import type { CompiledStatement } from "../statements.js";
import { lease, type SqliteOptions, sqliteKnex, sqlitePragmas } from "./knex.js";

interface PreparedStatement {
  all(...bindings: unknown[]): Record<string, unknown>[];
  run(...bindings: unknown[]): { changes: number };
}

interface BetterSqliteDatabase {
  prepare(sql: string): PreparedStatement;
  exec(sql: string): void;
}

/** Opens a connection through better-sqlite3, which works synchronously on the calling thread. */
export async function openBetterSqlite(options: SqliteOptions): Promise<Driver> {
  const knex = sqliteKnex("better-sqlite3", options.filename);
  const { connection: database, release } = await lease<BetterSqliteDatabase>(knex, sqliteError);
  const prepared = new WeakMap<CompiledStatement, PreparedStatement>();
  const prepare = (compiled: CompiledStatement): PreparedStatement => {
    const known = prepared.get(compiled);
    if (known !== undefined) return known;
    const made = database.prepare(compiled.sql);
    prepared.set(compiled, made);
    return made;
  };
  const driver: Driver = {
    knex,
    async select(compiled, bindings) {
      try {
        return prepare(compiled).all(...bindings);
      } catch (error) {
        throw sqliteError(error);
      }
    },
    async run(compiled, bindings) {
      try {
        return prepare(compiled).run(...bindings).changes;
      } catch (error) {
        throw sqliteError(error);
      }
    },
    async command(sql) {
      try {
        database.exec(sql);
      } catch (error) {
        throw sqliteError(error);
      }
    },
    close: release,
  };
  try {
    for (const pragma of sqlitePragmas(options)) await driver.command(pragma);
  } catch (error) {
    await driver.close();
    throw error;
  }
  return driver;
}
