import { Worker } from "node:worker_threads";
import type { DatabaseAddress } from "../configuration.js";
import type { DatabaseLogger } from "../database.js";
import { StorageError } from "../errors.js";
import { errorFrom, type FromThread, type Opened, type ThreadData, type ToThread } from "./messages.js";
import { revive } from "./revive.js";

/** A new thread after one that died starts after this pause. */
const restartPauseMs = 250;

/** How often it is looked for calls that have waited too long. */
const lookMs = 250;

interface Pending {
  readonly askedAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StorageError) => void;
}

/** The main thread's side of a database thread: sends the calls of a turn together, and starts a dead thread again. */
export class ThreadClient<Call extends { readonly id: number }> {
  #data: ThreadData;
  readonly #limit: number;
  readonly #logger: DatabaseLogger | undefined;
  readonly #answered: (calls: number) => void;
  readonly #patienceMs: number;
  readonly #opened: (opened: Opened) => void;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #watch: NodeJS.Timeout | undefined;
  #outbox: Call[] = [];
  #nextId = 1;
  #closing = false;
  #ended: Promise<void> = Promise.resolve();

  /**
   * At most `limit` calls wait at once, none longer than `patienceMs` where that is given. `answered` is told how many
   * calls the thread answered together, `opened` of each connection to write over before anything is answered over it.
   */
  constructor(
    data: ThreadData,
    limit: number,
    logger: DatabaseLogger | undefined,
    options: {
      readonly patienceMs?: number;
      readonly answered?: (calls: number) => void;
      readonly opened?: (opened: Opened) => void;
    } = {},
  ) {
    this.#data = data;
    this.#limit = limit;
    this.#logger = logger;
    this.#answered = options.answered ?? (() => undefined);
    this.#opened = options.opened ?? (() => undefined);
    this.#patienceMs = options.patienceMs ?? Number.POSITIVE_INFINITY;
  }

  /** Calls sent or about to be, and not answered. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Starts the thread and waits until it is connected. Throws StorageError. */
  async start(): Promise<void> {
    const data = this.#data;
    const worker = new Worker(new URL("./thread.js", import.meta.url), { workerData: data });
    let started = false;
    this.#ended = new Promise((resolve) => worker.once("exit", () => resolve()));
    await new Promise<void>((resolve, reject) => {
      worker.on("message", (message: FromThread) => {
        if ("answers" in message) this.#settle(message);
        else if ("opened" in message) this.#opened(message.opened);
        else if ("failed" in message) reject(errorFrom(message.failed));
        else {
          started = true;
          for (const name of message.migrations)
            this.#logger?.info({ migration: name }, "the schema was brought up to date");
          resolve();
        }
      });
      worker.on("error", (error) => {
        this.#logger?.error({ role: this.#data.role, error: error.message }, "a database thread failed");
        reject(new StorageError("unavailable", "the database thread failed", { cause: error }));
      });
      worker.once("exit", () => {
        reject(new StorageError("unavailable", "the database thread ended"));
        if (started) this.#lost();
      });
    });
    this.#worker = worker;
    if (this.#data.followed !== undefined && this.#data !== data) this.follow(this.#data.followed);
  }

  /** Has it read where is written from now on, over new connections. */
  follow(address: DatabaseAddress): void {
    this.#data = { ...this.#data, followed: address };
    this.#worker?.postMessage({ follow: address } satisfies ToThread<Call>);
  }

  /** Sends a call with the others of this turn of the event loop; gives the answer or rejects with StorageError. */
  call(make: (id: number) => Call): Promise<unknown> {
    if (this.#pending.size >= this.#limit) {
      return Promise.reject(new StorageError("overloaded", `${this.#limit} calls are waiting for the database`));
    }
    if (this.#worker === undefined || this.#closing) {
      return Promise.reject(new StorageError("unavailable", "the database thread is not running"));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, askedAt: performance.now() });
      this.#watch ??= setInterval(() => this.#endOverdue(), lookMs).unref();
      if (this.#outbox.length === 0) setImmediate(() => this.#send());
      this.#outbox.push(make(id));
    });
  }

  /** Rejects all calls that wait; what a commit among them does, it does unheard. */
  abandon(error: StorageError): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    const given = this.#data.role === "write" ? unheard(error.message) : error;
    for (const { reject } of pending) reject(given);
  }

  /** Lets the thread finish what it has, and waits for its end. */
  async close(): Promise<void> {
    if (this.#closing) return this.#ended;
    this.#closing = true;
    this.#send();
    this.#worker?.postMessage({ close: true } satisfies ToThread<Call>);
    await this.#ended;
    clearInterval(this.#watch);
  }

  #endOverdue(): void {
    const overdue = performance.now() - this.#patienceMs;
    for (const [id, { askedAt, reject }] of this.#pending) {
      if (askedAt > overdue) return;
      this.#pending.delete(id);
      reject(unheard(`the database does not answer within ${this.#patienceMs} ms`));
    }
    if (this.#pending.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #send(): void {
    const calls = this.#outbox;
    if (calls.length === 0) return;
    this.#outbox = [];
    try {
      this.#worker?.postMessage({ calls } satisfies ToThread<Call>);
    } catch (error) {
      // Something in these calls cannot be sent; alone, all others can.
      if (calls.length > 1) {
        for (const call of calls) {
          this.#outbox = [call];
          this.#send();
        }
        return;
      }
      for (const { id } of calls) {
        this.#take(id)?.reject(new StorageError("internal", "the call holds what cannot be sent", { cause: error }));
      }
    }
  }

  #settle({ answers }: Extract<FromThread, { answers: unknown }>): void {
    this.#answered(answers.length);
    for (const answer of answers) {
      const pending = this.#take(answer.id);
      if ("error" in answer) pending?.reject(errorFrom(answer.error));
      else pending?.resolve(revive(answer.value));
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #lost(): void {
    this.#worker = undefined;
    this.#outbox = [];
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    const outcomeUnknown = this.#data.role === "write";
    for (const { reject } of pending) {
      reject(new StorageError("unavailable", "the database thread ended", { outcomeUnknown }));
    }
    if (!this.#closing) this.#restart();
  }

  #restart(): void {
    setTimeout(() => {
      if (this.#closing) return;
      this.start().catch((error: unknown) => {
        this.#logger?.error({ role: this.#data.role, error: String(error) }, "a database thread does not start");
        this.#restart();
      });
    }, restartPauseMs);
  }
}

/** The error of a commit that is not waited for any longer. */
function unheard(message: string): StorageError {
  return new StorageError("unavailable", message, { outcomeUnknown: true });
}
