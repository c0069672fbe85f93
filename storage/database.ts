import { randomBytes } from "node:crypto";
import { Availability, type Outage } from "./availability.js";
import { type Change, type CommitResult, change, type Reads } from "./changes.js";
import { type DatabaseConfiguration, databaseDefaults } from "./configuration.js";
import { StorageError, type StorageErrorCode } from "./errors.js";
import { reads } from "./repositories/index.js";
import { demandRoom } from "./room.js";
import type { CommitCall, ReadCall, ThreadData } from "./threads/messages.js";
import { ThreadClient } from "./threads/thread-client.js";
import type { AuditPosition } from "./types.js";

/** The database as the main thread sees it: all work is done in threads of its own. */
export interface Database {
  /** `read.<repository>.<method>(...)`. Reads see every commit that was answered before they were called. */
  readonly read: Reads;
  /**
   * Makes all the changes or none. Resolves when they are durable; shares its transaction and its fsync with the other
   * commits that are waiting. Throws StorageError: `duplicate`, `conflict`, `unavailable`, `overloaded`, `full`,
   * `read-only`, `behind`, `damaged`.
   */
  commit<const Changes extends readonly Change[]>(changes: Changes): Promise<CommitResult<Changes>>;
  /** Resolves when the database answers a write and a read; throws StorageError, at once while it is known to be away. */
  check(): Promise<void>;
  /** There is reason to think that the database is away: it is tried, and the observer is told of an outage. */
  doubt(): void;
  /** Has a function called each time the database is back, and told for how many milliseconds it was away. */
  onRecovered(listener: (milliseconds: number) => void): void;
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
  /** The database does not do what it is asked; or, with null, does again, after so many milliseconds. */
  standing(outage: Outage | null, milliseconds: number): void;
}

/** Longest that a commit is waited for, in milliseconds, whatever holds up the thread. */
const commitPatienceMs = 4250;

/** What a trial writes after there was no space: else it would fit where the records of requests do not. */
const ballastBytes = 49_152;

type Method = (...parameters: unknown[]) => Promise<unknown>;

function readProxy(reader: ThreadClient<ReadCall>, availability: Availability): Reads {
  const ask = async (repository: string, method: string, parameters: readonly unknown[]): Promise<unknown> => {
    const refusal = availability.readRefusal;
    if (refusal !== undefined) throw refusal;
    try {
      return await reader.call((id) => ({ id, repository, method, parameters }));
    } catch (error) {
      availability.readFailed(error);
      throw error;
    }
  };
  const repositories = Object.entries(reads).map(([repository, methods]) => {
    const remote = Object.keys(methods).map((method): [string, Method] => [
      method,
      (...parameters) => ask(repository, method, parameters),
    ]);
    return [repository, Object.fromEntries(remote)];
  });
  return Object.fromEntries(repositories) as Reads;
}

type Commit = (changes: readonly Change[]) => Promise<unknown>;

function commitOver(send: Commit, availability: Availability, observer: DatabaseObserver | undefined): Commit {
  return async (changes) => {
    const askedAt = performance.now();
    const told = (outcome: "ok" | StorageErrorCode): void => observer?.committed(performance.now() - askedAt, outcome);
    try {
      const refusal = availability.refusal;
      if (refusal !== undefined) throw refusal;
      const result = await send(changes);
      told("ok");
      return result;
    } catch (error) {
      availability.commitFailed(error);
      told(error instanceof StorageError ? error.code : "internal");
      throw error;
    }
  };
}

interface Threads {
  readonly writer: ThreadClient<CommitCall>;
  readonly reader: ThreadClient<ReadCall>;
}

/** Starts the threads, the reading one where the writing one is. Throws StorageError. */
async function startThreads(
  data: Omit<ThreadData, "role">,
  logger: DatabaseLogger | undefined,
  observer: DatabaseObserver | undefined,
): Promise<Threads> {
  const limit = data.configuration.limits?.queue ?? databaseDefaults.queue;
  const reader = new ThreadClient<ReadCall>({ ...data, role: "read" }, limit, logger);
  const writer = new ThreadClient<CommitCall>({ ...data, role: "write" }, limit, logger, {
    patienceMs: commitPatienceMs,
    answered: (commits) => observer?.group(commits),
    opened({ address, warnings }) {
      for (const warning of warnings) logger?.warn({}, warning);
      if (address !== undefined) reader.follow(address);
    },
  });
  await writer.start();
  try {
    await reader.start();
  } catch (error) {
    await writer.close();
    throw error;
  }
  return { writer, reader };
}

/**
 * Connects to the database, in threads of its own, and brings its schema up to date. It must have the audit rows that are
 * known to be acknowledged, and at each new connection all that it has acknowledged since. Throws StorageError where it
 * cannot (`behind` where rows are missing); later losses of the connection are reported by the calls, and mend themselves.
 */
export async function openDatabase(
  configuration: DatabaseConfiguration,
  logger?: DatabaseLogger,
  observer?: DatabaseObserver,
  acknowledged: readonly AuditPosition[] = [],
): Promise<Database> {
  const { writer, reader } = await startThreads({ configuration, acknowledged }, logger, observer);
  const send: Commit = (changes) => writer.call((id) => ({ id, changes }));
  const key = `checked/${configuration.nodeId}`;
  const tryWrite = async (isLarge: boolean): Promise<unknown> => {
    if (isLarge) await demandRoom(configuration);
    // Random, so that it needs the space also where values are compressed.
    const ballast = isLarge ? ` ${randomBytes(ballastBytes).toString("base64")}` : "";
    return send([change("serverState", "tryOut", key, `${new Date().toISOString()}${ballast}`)]);
  };
  const tryRead = (): Promise<unknown> =>
    reader.call((id) => ({ id, repository: "serverState", method: "get", parameters: [key] }));
  const listeners: ((milliseconds: number) => void)[] = [];
  const availability = new Availability({
    tryWrite,
    tryRead,
    abandon(error) {
      writer.abandon(error);
      reader.abandon(error);
    },
    observe(outage, milliseconds) {
      observer?.standing(outage, milliseconds);
      if (outage === null) for (const listener of listeners) listener(milliseconds);
    },
  });
  const commit = commitOver(send, availability, observer);
  return {
    read: readProxy(reader, availability),
    commit: commit as Database["commit"],
    async check() {
      const refusal = availability.refusal;
      if (refusal !== undefined) throw refusal;
      try {
        await Promise.all([tryWrite(false), tryRead()]);
      } catch (error) {
        availability.doubt();
        throw error;
      }
    },
    doubt: () => availability.doubt(),
    onRecovered: (listener) => void listeners.push(listener),
    waiting: () => ({ reads: reader.waiting, commits: writer.waiting }),
    async close() {
      availability.stop();
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}
