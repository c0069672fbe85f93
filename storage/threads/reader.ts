import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { reads } from "../repositories/index.js";
import { ConnectionHolder } from "./connection-holder.js";
import { type Answer, errorData, type ReadCall } from "./messages.js";

type Read = (connection: Connection, ...parameters: unknown[]) => Promise<unknown>;

function readFunction(repository: string, method: string): Read {
  const repositories: Readonly<Record<string, Readonly<Record<string, unknown>>>> = reads;
  const found = Object.hasOwn(repositories, repository) ? repositories[repository] : undefined;
  const read = found !== undefined && Object.hasOwn(found, method) ? found[method] : undefined;
  if (typeof read !== "function") throw new StorageError("internal", `there is no read ${repository}.${method}`);
  return read as Read;
}

/** Answers reads over a few connections. */
export class Reader {
  readonly #holders: readonly ConnectionHolder<undefined>[];
  readonly #running = new Set<Promise<void>>();
  readonly #answer: (answers: readonly Answer[]) => void;
  #next = 0;
  #answers: Answer[] = [];

  constructor(options: {
    readonly open: () => Promise<Connection>;
    readonly connections: number;
    readonly answer: (answers: readonly Answer[]) => void;
  }) {
    this.#answer = options.answer;
    this.#holders = Array.from(
      { length: options.connections },
      () => new ConnectionHolder(async () => ({ connection: await options.open(), kept: undefined })),
    );
  }

  /** Opens the connections. Throws StorageError. */
  async start(): Promise<void> {
    await Promise.all(this.#holders.map((holder) => holder.use(async () => undefined)));
  }

  submit(calls: readonly ReadCall[]): void {
    for (const call of calls) {
      const index = this.#next;
      this.#next = (index + 1) % this.#holders.length;
      const running = this.#perform(index, call).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  /** Finishes what was submitted and closes the connections. */
  async close(): Promise<void> {
    await Promise.all(this.#running);
    this.#send();
    await Promise.all(this.#holders.map((holder) => holder.close()));
  }

  async #perform(index: number, { id, repository, method, parameters }: ReadCall): Promise<void> {
    let answer: Answer;
    try {
      const read = readFunction(repository, method);
      const value = await this.#holders[index]?.use((_kept, connection) => read(connection, ...parameters));
      answer = { id, value };
    } catch (error) {
      answer = { id, error: errorData(error) };
    }
    if (this.#answers.length === 0) setImmediate(() => this.#send());
    this.#answers.push(answer);
  }

  #send(): void {
    const answers = this.#answers;
    if (answers.length === 0) return;
    this.#answers = [];
    this.#answer(answers);
  }
}
