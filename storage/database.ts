import { type Change, type CommitResult, change, type Reads } from "./changes.js";
import { type DatabaseConfiguration, databaseDefaults } from "./configuration.js";
import { StorageError, type StorageErrorCode } from "./errors.js";
import { reads } from "./repositories/index.js";
import type { CommitCall, ReadCall } from "./threads/messages.js";
import { ThreadClient } from "./threads/thread-client.js";

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
  /** Calls that wait for their answers now. */
  waiting(): { readonly reads: number; readonly commits: number };
  /** Waits for what was accepted, then closes the connections and ends the threads. */
  close(): Promise<void>;
}

/** What the database reports to the log of its owner. */
export interface DatabaseLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** What the database tells its owner's metrics. */
export interface DatabaseObserver {
  /** So many commits shared one transaction. */
  group(commits: number): void;
  /** A commit ended, so many milliseconds after it was asked for: well, or with an error of this code. */
  committed(milliseconds: number, outcome: "ok" | StorageErrorCode): void;
}

type Method = (...parameters: unknown[]) => Promise<unknown>;

function readProxy(reader: ThreadClient<ReadCall>): Reads {
  const repositories = Object.entries(reads).map(([repository, methods]) => {
    const remote = Object.keys(methods).map((method): [string, Method] => [
      method,
      (...parameters) => reader.call((id) => ({ id, repository, method, parameters })),
    ]);
    return [repository, Object.fromEntries(remote)];
  });
  return Object.fromEntries(repositories) as Reads;
}

function observed(commit: Promise<unknown>, observer: DatabaseObserver | undefined): Promise<unknown> {
  if (observer === undefined) return commit;
  const askedAt = performance.now();
  const told = (outcome: "ok" | StorageErrorCode): void => observer.committed(performance.now() - askedAt, outcome);
  commit.then(
    () => told("ok"),
    (error: unknown) => told(error instanceof StorageError ? error.code : "internal"),
  );
  return commit;
}

/**
 * Connects to the database, in threads of its own, and brings its schema up to date. Throws StorageError where it
 * cannot; later losses of the connection are reported by the calls, and mend themselves.
 */
export async function openDatabase(
  configuration: DatabaseConfiguration,
  logger?: DatabaseLogger,
  observer?: DatabaseObserver,
): Promise<Database> {
  const limit = configuration.limits?.queue ?? databaseDefaults.queue;
  const writer = new ThreadClient<CommitCall>({ role: "write", configuration }, limit, logger, (commits) => {
    observer?.group(commits);
  });
  const reader = new ThreadClient<ReadCall>({ role: "read", configuration }, limit, logger);
  await writer.start();
  try {
    await reader.start();
  } catch (error) {
    await writer.close();
    throw error;
  }
  const read = readProxy(reader);
  const commit = (changes: readonly Change[]): Promise<unknown> =>
    observed(
      writer.call((id) => ({ id, changes })),
      observer,
    );
  return {
    read,
    commit: commit as Database["commit"],
    async check() {
      const key = `checked/${configuration.nodeId}`;
      await commit([change("serverState", "set", key, new Date().toISOString())]);
      await read.serverState.get(key);
    },
    waiting: () => ({ reads: reader.waiting, commits: writer.waiting }),
    async close() {
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}
