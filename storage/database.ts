import type { Change, CommitResult, Reads } from "./changes.js";

/** The database as the main thread sees it: all work is done in threads of its own. */
export interface Database {
  /** `read.<repository>.<method>(...)`. Reads see every commit that was answered before they were called. */
  readonly read: Reads;
  /**
   * Makes all the changes or none. Resolves when they are durable; shares its transaction and its fsync with the other
   * commits that are waiting. Throws StorageError: `duplicate`, `conflict`, `unavailable`, `overloaded`, `full`,
   * `read-only`, `damaged`.
   */
  commit<const Changes extends readonly Change[]>(changes: Changes): Promise<CommitResult<Changes>>;
  /** Resolves when the database answers a write and a read; throws StorageError. */
  check(): Promise<void>;
  /** Waits for what was accepted, then closes the connections and ends the threads. */
  close(): Promise<void>;
}

/** What the database reports to the log of its owner. */
export interface DatabaseLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
