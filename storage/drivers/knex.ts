import { closeSync, existsSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import createKnex, { type Knex } from "knex";
import type { ConnectionPurpose } from "../connection.js";
import { sqliteError } from "../driver-errors.js";
import type { StorageError } from "../errors.js";

/** How a thread opens an SQLite file. */
export interface SqliteOptions {
  readonly filename: string;
  readonly purpose: ConnectionPurpose;
}

/** Milliseconds to wait for another process that holds the SQLite file. */
const busyTimeoutMs = 4000;

/** Pages (4 KiB) in the journal after which they are moved to the database: each move costs two more fsyncs. */
const checkpointPages = 8192;

/** Memory for pages of the file, at most; behind it stands the page cache of the operating system. */
export const cacheKibibytes = { write: 16_384, read: 32_768, migrate: 16_384 } as const;

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
  return purpose === "read" ? [...both, "pragma query_only = on"] : both;
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

/** A connection for each thread, made when it is asked for. */
export const pool = { min: 0, max: 1 } as const;

// What knex would print, its promises reject with as well.
const quiet = (): void => undefined;
/** The log of a knex that says nothing. */
export const log = { warn: quiet, error: quiet, debug: quiet, deprecate: quiet };

/** A knex for one connection to an SQLite file. */
export function sqliteKnex(client: "better-sqlite3" | "sqlite3", filename: string): Knex {
  try {
    createPrivately(filename);
  } catch (error) {
    throw sqliteError(error);
  }
  return createKnex({ client, connection: { filename }, useNullAsDefault: true, pool, log });
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
