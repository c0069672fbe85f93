import { setImmediate as nextTurn } from "node:timers/promises";
import type { Acknowledged } from "../acknowledged.js";
import { outageCode } from "../availability.js";
import type { Connection } from "../connection.js";
import { StorageError, type StorageErrorCode } from "../errors.js";
import { FairQueue } from "../fair-queue.js";
import { writes } from "../repositories/index.js";
import { WriteSession } from "../write-session.js";
import { ConnectionHolder } from "./connection-holder.js";
import { type Answer, type CommitCall, type ErrorData, errorData } from "./messages.js";
import { WriteTurn } from "./write-turn.js";

/** Errors that concern the one commit that raised them; all others concern the database. */
const ownFault: ReadonlySet<StorageErrorCode> = new Set(["duplicate", "conflict", "limit", "immutable", "internal"]);

function isOwnFault(error: unknown): boolean {
  return !(error instanceof StorageError) || ownFault.has(error.code);
}

type Write = (session: WriteSession, ...parameters: unknown[]) => unknown;

function writeFunction(repository: string, method: string): Write {
  const repositories: Readonly<Record<string, Readonly<Record<string, unknown>>>> = writes;
  const found = Object.hasOwn(repositories, repository) ? repositories[repository] : undefined;
  const write = found !== undefined && Object.hasOwn(found, method) ? found[method] : undefined;
  if (typeof write !== "function") throw new StorageError("internal", `there is no change ${repository}.${method}`);
  return write as Write;
}

async function apply(session: WriteSession, { changes }: CommitCall): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const { repository, method, parameters } of changes) {
    values.push(await writeFunction(repository, method)(session, ...parameters));
  }
  return values;
}

/** For whom a commit is made: the tenant of its audit record, where it has one. */
function askerOf({ changes }: CommitCall): string {
  const last = changes.at(-1);
  const [record] = last?.repository === "audit" ? last.parameters : [];
  return typeof record === "object" && record !== null && "tenantId" in record ? String(record.tenantId) : "";
}

/** Whether another process has appended to a chain of ours: what we kept of it is out of date. */
function chainMoved(error: unknown): boolean {
  return error instanceof StorageError && error.constraint === "audit.sequence";
}

/**
 * Group commit: whatever waits is done in one transaction and made durable by one fsync; each commit is answered only
 * then. Where more waits than a group takes, tenants take turns. Where one commit of a group is at fault, the group is done again with a savepoint around each.
 */
export class GroupWriter {
  readonly #holder: ConnectionHolder<WriteSession>;
  readonly #groupLimit: number;
  readonly #begin: string;
  readonly #turn = new WriteTurn();
  readonly #answer: (answers: readonly Answer[]) => void;
  readonly #waiting = new FairQueue<CommitCall>();
  readonly #acknowledged: Acknowledged;
  #working: Promise<void> | undefined;

  constructor(options: {
    readonly open: () => Promise<Connection>;
    /** Told where the chains stand after each commit. */
    readonly acknowledged: Acknowledged;
    readonly nodeId: string;
    readonly groupLimit: number;
    /** The command that begins a transaction that will write. */
    readonly begin: string;
    /** Commands for the connection before it is used. */
    readonly settings: readonly string[];
    readonly answer: (answers: readonly Answer[]) => void;
  }) {
    this.#groupLimit = options.groupLimit;
    this.#begin = options.begin;
    this.#answer = options.answer;
    this.#acknowledged = options.acknowledged;
    this.#holder = new ConnectionHolder(async () => {
      const connection = await options.open();
      const session = new WriteSession(connection, options.nodeId);
      await session.start();
      for (const command of options.settings) await connection.command(command);
      return { connection, kept: session };
    });
  }

  /** Opens the connection. Throws StorageError. */
  start(): Promise<void> {
    return this.#holder.use(async () => undefined);
  }

  submit(calls: readonly CommitCall[]): void {
    for (const call of calls) this.#waiting.push(askerOf(call), call);
    this.#working ??= this.#work();
  }

  /** Finishes what was submitted and closes the connection. */
  async close(): Promise<void> {
    await this.#working;
    await this.#holder.close();
  }

  async #work(): Promise<void> {
    while (true) {
      // A turn of the event loop, in which all messages that have arrived are taken in.
      await nextTurn();
      const group = this.#waiting.take(this.#groupLimit);
      if (group.length === 0) break;
      this.#answer(await this.#settle(group));
    }
    this.#working = undefined;
  }

  async #settle(group: readonly CommitCall[]): Promise<Answer[]> {
    try {
      return await this.#holder.use((session) => this.#together(session, group));
    } catch (error) {
      return isOwnFault(error) ? this.#settleSeparately(group) : this.#refused(group, error);
    }
  }

  async #settleSeparately(group: readonly CommitCall[]): Promise<Answer[]> {
    try {
      return await this.#holder.use((session) => this.#separately(session, group));
    } catch (error) {
      return this.#refused(group, error);
    }
  }

  /** Where the database is away, what waits is refused as well: it would only wait as long again. */
  #refused(group: readonly CommitCall[], error: unknown): Answer[] {
    const data = errorData(error);
    const waiting = outageCode(error) === undefined ? [] : this.#waiting.take(this.#waiting.length);
    return [
      ...group.map(({ id }) => ({ id, error: data })),
      ...waiting.map(({ id }) => ({ id, error: { ...data, outcomeUnknown: false } })),
    ];
  }

  #together(session: WriteSession, group: readonly CommitCall[]): Promise<Answer[]> {
    return this.#transaction(session, async () => {
      // Interleaved, so that a database at the end of a network has many statements to work on at once.
      const values = await Promise.allSettled(group.map((call) => apply(session, call)));
      const failures = values.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
      if (failures.length > 0) throw failures.find((failure) => !isOwnFault(failure)) ?? failures[0];
      await session.flush();
      return values.map((outcome, index) => ({
        id: group[index]?.id ?? 0,
        value: outcome.status === "fulfilled" ? outcome.value : undefined,
      }));
    });
  }

  #separately(session: WriteSession, group: readonly CommitCall[]): Promise<Answer[]> {
    return this.#transaction(session, async () => {
      const answers: Answer[] = [];
      for (const call of group) {
        const outcome = await this.#inSavepoint(session, call);
        answers.push({ id: call.id, ...outcome });
      }
      return answers;
    });
  }

  async #inSavepoint(session: WriteSession, call: CommitCall): Promise<{ value: unknown } | { error: ErrorData }> {
    await session.connection.command("savepoint one_commit");
    try {
      const value = await apply(session, call);
      await session.flush();
      await session.connection.command("release savepoint one_commit");
      return { value };
    } catch (error) {
      if (!isOwnFault(error) || chainMoved(error)) throw error;
      await session.connection.command("rollback to savepoint one_commit");
      await session.connection.command("release savepoint one_commit");
      session.reset();
      return { error: errorData(error) };
    }
  }

  async #transaction<Value>(session: WriteSession, work: () => Promise<Value>): Promise<Value> {
    await this.#turn.begin(session.connection, this.#begin);
    try {
      return await this.#begun(session, work);
    } finally {
      this.#turn.ended();
    }
  }

  async #begun<Value>(session: WriteSession, work: () => Promise<Value>): Promise<Value> {
    let value: Value;
    session.takeWritten();
    try {
      value = await work();
    } catch (error) {
      session.reset();
      await rollBack(session.connection, error);
      throw error;
    }
    try {
      await session.connection.command("commit");
    } catch (error) {
      session.reset();
      // The connection is closed after this, which rolls back whatever is left of the transaction.
      throw uncertain(error);
    }
    for (const position of session.takeWritten()) this.#acknowledged.note(position);
    return value;
  }
}

/** Ends a transaction after an error of its work. Throws `unavailable` where the connection cannot be used again. */
async function rollBack(connection: Connection, cause: unknown): Promise<void> {
  try {
    await connection.command("rollback");
  } catch (error) {
    // SQLite has rolled back by itself after errors of the disk; then the connection is closed and nothing is left to do.
    if (isOwnFault(cause)) throw new StorageError("unavailable", "cannot roll back", { cause: error });
  }
}

/** The error of a failed COMMIT, which may have reached the disk all the same unless there was no room for it. */
function uncertain(error: unknown): unknown {
  if (error instanceof StorageError && (error.code === "full" || error.code === "read-only")) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StorageError("unavailable", message, { outcomeUnknown: true, cause: error });
}
