/** Limits of the queues to the database threads. */
export interface DatabaseLimits {
  /** Calls that may wait or run at once, per thread; one more is refused as `overloaded`. */
  readonly queue?: number;
  /** Commits that share one transaction at most. */
  readonly group?: number;
}

/** An SQLite database in a file of this machine. */
export interface SqliteConfiguration {
  readonly client: "better-sqlite3" | "sqlite3";
  readonly filename: string;
}

/** Where a PostgreSQL is. */
export interface DatabaseAddress {
  /** Host name, address, or the folder of a unix socket. */
  readonly host: string;
  readonly port: number;
}

/** An address as operators write it. */
export function placeOf({ host, port }: DatabaseAddress): string {
  return host.includes(":") && !host.startsWith("/") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A PostgreSQL database. */
export interface PostgresConfiguration extends DatabaseAddress {
  readonly client: "pg";
  /** Where else it may be: each connection goes to the first, in this order, that takes writes. */
  readonly alternatives?: readonly DatabaseAddress[];
  readonly user: string;
  readonly password?: string;
  readonly database: string;
  /** PEM of the authorities that may vouch for the server; absent means no TLS. */
  readonly certificateAuthorities?: string;
  /** Connections for reading. */
  readonly readers?: number;
  /** How long to wait for a connection or an answer, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Which database, and as whom this process writes to it. */
export type DatabaseConfiguration = (SqliteConfiguration | PostgresConfiguration) & {
  /** Names this process in the audit trail. Two processes never share one. */
  readonly nodeId: string;
  readonly limits?: DatabaseLimits;
};

/** What a value is when the configuration does not say. */
export const databaseDefaults = {
  queue: 8192,
  group: 256,
  readers: 2,
  timeoutMs: 3000,
} as const;
