import type { DatabaseConfiguration, SqliteConfiguration } from "../configuration.js";
import { Connection, type ConnectionPurpose, type Driver } from "../connection.js";
import type { Choice } from "./first-writable.js";

/**
 * Opens a connection as configured, loading no other driver than its own: of several addresses, to the one that is
 * chosen. Throws StorageError.
 */
export async function openConnection(
  configuration: DatabaseConfiguration,
  purpose: ConnectionPurpose,
  choice: Choice = {},
): Promise<Connection> {
  if (configuration.client === "pg") {
    const { openFirstWritable } = await import("./first-writable.js");
    return openFirstWritable(configuration, purpose, choice);
  }
  const connection = new Connection(await openFile(configuration, purpose));
  try {
    await choice.accept?.(connection);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function openFile({ client, filename }: SqliteConfiguration, purpose: ConnectionPurpose): Promise<Driver> {
  if (client === "better-sqlite3") {
    const { openBetterSqlite } = await import("./better-sqlite3.js");
    return openBetterSqlite({ filename, purpose });
  }
  const { openSqlite3 } = await import("./sqlite3.js");
  return openSqlite3({ filename, purpose });
}
