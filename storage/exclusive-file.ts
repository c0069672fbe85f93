import { closeSync, openSync } from "node:fs";
import SqliteFile from "better-sqlite3";

/** How long a file may be held by somebody who is about to let go, in milliseconds. */
const patienceMilliseconds = 500;

/** A file that this process holds alone. */
export interface ExclusiveFile {
  release(): void;
}

/**
 * Holds a file for this process alone, or gives null where somebody else, or this process already, holds it. The lock
 * is the operating system's (SQLite takes it, Node.js has no call for it): it ends with the process, however that ends.
 */
export function holdFile(filename: string): ExclusiveFile | null {
  // SQLite would create the file with the permissions of the umask.
  closeSync(openSync(filename, "a", 0o600));
  const file = new SqliteFile(filename, { timeout: patienceMilliseconds });
  try {
    file.exec("begin exclusive");
  } catch (error) {
    file.close();
    if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY")) return null;
    throw error;
  }
  return { release: () => void file.close() };
}
