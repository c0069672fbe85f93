import type { Driver } from "../connection.js";
import { sqliteError } from "../driver-errors.js";
import { type CompiledStatement, preparedLimit } from "../statements.js";
import type { Binding } from "../tables.js";
import { lease, type SqliteOptions, sqliteKnex, sqlitePragmas } from "./knex.js";

interface PreparedStatement {
  all(bindings: unknown[], done: (error: Error | null, rows: Record<string, unknown>[]) => void): void;
  run(bindings: unknown[], done: (this: { changes: number }, error: Error | null) => void): void;
  finalize(done: (error?: Error | null) => void): void;
}

interface Sqlite3Database {
  prepare(sql: string, done: (this: PreparedStatement, error: Error | null) => void): PreparedStatement;
  exec(sql: string, done: (error: Error | null) => void): void;
}

function prepare(database: Sqlite3Database, sql: string): Promise<PreparedStatement> {
  return new Promise((resolve, reject) => {
    database.prepare(sql, function prepared(error) {
      if (error === null) resolve(this);
      else reject(sqliteError(error));
    });
  });
}

function all(statement: PreparedStatement, bindings: Binding[]): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    statement.all(bindings, (error, rows) => (error === null ? resolve(rows) : reject(sqliteError(error))));
  });
}

function run(statement: PreparedStatement, bindings: Binding[]): Promise<number> {
  return new Promise((resolve, reject) => {
    statement.run(bindings, function done(error) {
      if (error === null) resolve(this.changes);
      else reject(sqliteError(error));
    });
  });
}

function execute(database: Sqlite3Database, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    database.exec(sql, (error) => (error === null ? resolve() : reject(sqliteError(error))));
  });
}

function finalize(statement: PreparedStatement): Promise<void> {
  // The error of the last run of the statement, if any, was reported then.
  return new Promise((resolve) => statement.finalize(() => resolve()));
}

/** Opens a connection through sqlite3, which works on libuv's thread pool. */
export async function openSqlite3(options: SqliteOptions): Promise<Driver> {
  const knex = sqliteKnex("sqlite3", options.filename);
  const { connection: database, release } = await lease<Sqlite3Database>(knex, sqliteError);
  const prepared = new Map<CompiledStatement, Promise<PreparedStatement>>();
  const use = async <Result>(
    compiled: CompiledStatement,
    work: (statement: PreparedStatement) => Promise<Result>,
  ): Promise<Result> => {
    const known = prepared.get(compiled);
    if (known !== undefined) return work(await known);
    const made = prepare(database, compiled.sql);
    if (prepared.size < preparedLimit) {
      prepared.set(compiled, made);
      return work(await made);
    }
    const statement = await made;
    try {
      return await work(statement);
    } finally {
      await finalize(statement);
    }
  };
  const driver: Driver = {
    knex,
    select: (compiled, bindings) => use(compiled, (statement) => all(statement, bindings)),
    run: (compiled, bindings) => use(compiled, (statement) => run(statement, bindings)),
    command: (sql) => execute(database, sql),
    async close() {
      const statements = await Promise.allSettled(prepared.values());
      for (const statement of statements) if (statement.status === "fulfilled") await finalize(statement.value);
      await release();
    },
  };
  try {
    for (const pragma of sqlitePragmas(options)) await driver.command(pragma);
  } catch (error) {
    await driver.close();
    throw error;
  }
  return driver;
}
