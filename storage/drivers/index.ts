import type { DatabaseConfiguration } from "../configuration.js";
import { Connection, type ConnectionPurpose } from "../connection.js";

/** Opens a connection as configured, loading no other driver than its own. Throws StorageError. */
export async function openConnection(
  configuration: DatabaseConfiguration,
  purpose: ConnectionPurpose,
): Promise<Connection> {
  switch (configuration.client) {
    case "better-sqlite3": {
      const { openBetterSqlite } = await import("./better-sqlite3.js");
      return new Connection(await openBetterSqlite({ filename: configuration.filename, purpose }));
    }
    case "sqlite3": {
      const { openSqlite3 } = await import("./sqlite3.js");
      return new Connection(await openSqlite3({ filename: configuration.filename, purpose }));
    }
    case "pg": {
      const { openPostgres } = await import("./postgres.js");
      return new Connection(await openPostgres({ ...configuration, purpose }));
    }
  }
}
