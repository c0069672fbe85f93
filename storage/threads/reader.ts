import { setImmediate as nextTurn } from "node:timers/promises";
import type { DatabaseAddress } from "../configuration.js";
import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { FairQueue } from "../fair-queue.js";
import { Further } from "../further.js";
import { reads } from "../repositories/index.js";
import { ConnectionHolder } from "./connection-holder.js";
import { type LongRead, LongReads } from "./long-reads.js";
import { type Answer, errorData, type ReadCall } from "./messages.js";

type Read = (connection: Connection, ...parameters: unknown[]) => Promise<unknown>;

/** A read that waits, or its rest. */
interface Task extends LongRead {
  readonly piece: (connection: Connection) => Promise<unknown>;
}

/** So long a connection reads before answers are sent and new calls are taken in, in milliseconds. */
const longestWithoutPause = 1;

function readFunction(repository: string, method: string): Read {
  const repositories: Readonly<Record<string, Readonly<Record<string, unknown>>>> = reads;
  const found = Object.hasOwn(repositories, repository) ? repositories[repository] : undefined;
  const read = found !== undefined && Object.hasOwn(found, method) ? found[method] : undefined;
  if (typeof read !== "function") throw new StorageError("internal", `there is no read ${repository}.${method}`);
  return read as Read;
}

/** For whom a read is made: nearly all name the tenant first. */
function askerOf({ parameters: [first] }: ReadCall): string {
  if (typeof first === "string") return first;
  const named = typeof first === "object" && first !== null && "tenantId" in first ? first.tenantId : "";
  return String(named);
}

function taskOf(call: ReadCall): Task {
  const { id, repository, method, parameters } = call;
  const piece: Task["piece"] = async (connection) => readFunction(repository, method)(connection, ...parameters);
  return { id, asker: askerOf(call), pieces: 0, piece };
}

/**
 * Answers reads over a few connections; tenants take turns, with each piece of a read that has several. Of the reads of
 * one tenant short ones pass those that turn out to be long.
 */
export class Reader {
  readonly #holders: readonly ConnectionHolder<undefined>[];
  /** Connections that could do one more read, each as often as it could do more. */
  readonly #idle: ConnectionHolder<undefined>[];
  readonly #working = new Set<Promise<void>>();
  readonly #waiting = new FairQueue<Task>();
  readonly #long: LongReads<Task>;
  readonly #answer: (answers: readonly Answer[]) => void;
  #answers: Answer[] = [];
  #followed: DatabaseAddress | undefined;

  constructor(options: {
    /** Opens a connection: to where is written, once that is known. */
    readonly open: (only: DatabaseAddress | undefined) => Promise<Connection>;
    readonly followed?: DatabaseAddress | undefined;
    readonly connections: number;
    /** Reads that one connection is at together. */
    readonly together: number;
    readonly answer: (answers: readonly Answer[]) => void;
  }) {
    this.#answer = options.answer;
    this.#followed = options.followed;
    this.#holders = Array.from(
      { length: options.connections },
      () => new ConnectionHolder(async () => ({ connection: await options.open(this.#followed), kept: undefined })),
    );
    this.#long = new LongReads(options.connections);
    this.#idle = Array.from({ length: options.together }, () => this.#holders).flat();
  }

  /** Opens the connections. Throws StorageError. */
  async start(): Promise<void> {
    await Promise.all(this.#holders.map((holder) => holder.use(async () => undefined)));
  }

  submit(calls: readonly ReadCall[]): void {
    for (const call of calls) this.#wait(taskOf(call));
    for (const holder of this.#idle.splice(0, this.#waiting.length)) {
      const working = this.#work(holder).finally(() => this.#working.delete(working));
      this.#working.add(working);
    }
  }

  /**
   * Writing goes on over a new connection: from now on all reading does, too, and to the same address. What is being read
   * over an old one ends there.
   */
  follow(address: DatabaseAddress): void {
    this.#followed = address;
    for (const holder of this.#holders) holder.renew();
  }

  /** Finishes what was submitted and closes the connections. */
  async close(): Promise<void> {
    await Promise.all(this.#working);
    this.#send();
    await Promise.all(this.#holders.map((holder) => holder.close()));
  }

  #wait(task: Task | undefined): void {
    if (task !== undefined) this.#waiting.push(task.asker, task);
  }

  async #work(holder: ConnectionHolder<undefined>): Promise<void> {
    let since = performance.now();
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      const rest = await this.#perform(holder, task);
      if (rest === undefined && performance.now() - since <= longestWithoutPause) continue;
      await nextTurn();
      if (rest !== undefined) {
        // Behind those as well whose calls came meanwhile.
        this.#waiting.comesLast(task.asker);
        this.#wait(this.#long.goOn(rest));
      }
      since = performance.now();
    }
    this.#idle.push(holder);
  }

  /** Answers leave together, and none waits for a read that follows it. */
  #collect(answer: Answer): void {
    if (this.#answers.length === 0) setImmediate(() => this.#send());
    this.#answers.push(answer);
  }

  /** Does a piece of a read, and gives what is left of it. */
  async #perform(holder: ConnectionHolder<undefined>, task: Task): Promise<Task | undefined> {
    const { id, asker, pieces, piece } = task;
    try {
      const value = await holder.use((_kept, connection) => piece(connection));
      if (value instanceof Further) {
        return { id, asker, pieces: pieces + 1, piece: (connection) => value.next(connection) };
      }
      this.#collect({ id, value });
    } catch (error) {
      this.#collect({ id, error: errorData(error) });
    }
    this.#wait(this.#long.ended(asker, id));
    return undefined;
  }

  #send(): void {
    const answers = this.#answers;
    if (answers.length === 0) return;
    this.#answers = [];
    this.#answer(answers);
  }
}
