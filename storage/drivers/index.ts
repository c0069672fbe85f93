import type { DatabaseConfiguration } from "../configuration.js";
import { Connection } from "../connection.js";
import { openBetterSqlite } from "./better-sqlite3.js";
import { openPostgres } from "./postgres.js";
import { openSqlite3 } from "./sqlite3.js";

/** Opens a connection as configured. Throws StorageError. */
export async function openConnection(
  configuration: DatabaseConfiguration,
  purpose: "write" | "read",
): Promise<Connection> {
  switch (configuration.client) {
    case "better-sqlite3":
      return new Connection(await openBetterSqlite({ filename: configuration.filename, purpose }));
    case "sqlite3":
      return new Connection(await openSqlite3({ filename: configuration.filename, purpose }));
    case "pg":
      return new Connection(await openPostgres({ ...configuration, purpose }));
  }
}
