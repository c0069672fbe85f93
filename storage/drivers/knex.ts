import { closeSync, existsSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import createKnex, { type Knex } from "knex";
import { types as defaultTypes } from "pg";
import { databaseDefaults, type PostgresConfiguration } from "../configuration.js";
import { sqliteError } from "../driver-errors.js";
import type { StorageError } from "../errors.js";

/** How a thread opens an SQLite file. */
export interface SqliteOptions {
  readonly filename: string;
  readonly purpose: "write" | "read";
}

/** How a thread opens a connection to PostgreSQL. */
export interface PostgresOptions extends PostgresConfiguration {
  readonly purpose: "write" | "read";
}

/** Milliseconds to wait for another process that holds the SQLite file. */
const busyTimeoutMs = 5000;

/** Pages (4 KiB) in the journal after which they are moved to the database: each move costs two more fsyncs. */
const checkpointPages = 8192;

/** Memory for pages of the file; behind it stands the page cache of the operating system. */
const cacheKibibytes = { write: 16_384, read: 32_768 } as const;

/** What every connection to the file sets. In WAL mode only synchronous=FULL survives a loss of power. */
export function sqlitePragmas({ purpose }: SqliteOptions): readonly string[] {
  const both = [
    `pragma busy_timeout = ${busyTimeoutMs}`,
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma trusted_schema = off",
    "pragma cell_size_check = on",
    `pragma cache_size = -${cacheKibibytes[purpose]}`,
    `pragma wal_autocheckpoint = ${checkpointPages}`,
  ];
  return purpose === "write" ? both : [...both, "pragma query_only = on"];
}

// SQLite would create the file with the permissions of the umask; its journals take those of the file.
function createPrivately(filename: string): void {
  if (existsSync(filename)) return;
  const file = openSync(filename, "a", 0o600);
  fsyncSync(file);
  closeSync(file);
  const folder = openSync(dirname(filename), "r");
  fsyncSync(folder);
  closeSync(folder);
}

const pool = { min: 0, max: 1 } as const;

// What knex would print, its promises reject with as well.
const quiet = (): void => undefined;
const log = { warn: quiet, error: quiet, debug: quiet, deprecate: quiet };

/** A knex for one connection to an SQLite file. */
export function sqliteKnex(client: "better-sqlite3" | "sqlite3", filename: string): Knex {
  try {
    createPrivately(filename);
  } catch (error) {
    throw sqliteError(error);
  }
  return createKnex({ client, connection: { filename }, useNullAsDefault: true, pool, log });
}

const int8 = 20;

/** A knex for one connection to PostgreSQL. 64-bit integers come back as numbers: all that is read back is below 2^53. */
export function postgresKnex(options: PostgresOptions): Knex {
  const timeoutMs = options.timeoutMs ?? databaseDefaults.timeoutMs;
  const connection = {
    host: options.host,
    port: options.port,
    user: options.user,
    ...(options.password === undefined ? {} : { password: options.password }),
    database: options.database,
    ssl: options.certificateAuthorities === undefined ? false : { ca: options.certificateAuthorities },
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    // Statements are sent without waiting for the answers to those before.
    pipeline: true,
    keepAlive: true,
    application_name: "keyreeve",
    types: {
      getTypeParser: (oid: number, format?: string) =>
        oid === int8 ? Number : defaultTypes.getTypeParser(oid, format === "binary" ? "binary" : "text"),
    },
  };
  return createKnex({ client: "pg", connection, acquireConnectionTimeout: timeoutMs, pool, log });
}

interface Pool<Raw> {
  acquireConnection(): Promise<Raw>;
  releaseConnection(connection: Raw): Promise<void>;
}

/** The driver's own connection, taken out of knex's pool for good, and the way to close both. */
export async function lease<Raw>(
  knex: Knex,
  translate: (error: unknown) => StorageError,
): Promise<{ connection: Raw; release: () => Promise<void> }> {
  const connections: Pool<Raw> = knex.client;
  try {
    const connection = await connections.acquireConnection();
    return {
      connection,
      async release() {
        await connections.releaseConnection(connection);
        await knex.destroy();
      },
    };
  } catch (error) {
    await knex.destroy();
    throw translate(error);
  }
}
