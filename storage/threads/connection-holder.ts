import type { Connection } from "../connection.js";
import { StorageError, type StorageErrorCode } from "../errors.js";

/** After these a connection is closed, and a new one opened at the next use. */
const closing: ReadonlySet<StorageErrorCode> = new Set(["unavailable", "damaged", "full", "read-only", "behind"]);

/** After these another connection may do: an idle one may have been cut, or lead to what takes no writes any more. */
const passing: ReadonlySet<StorageErrorCode> = new Set(["unavailable", "read-only"]);

/** Work that failed so quickly is tried once more on a new connection. */
const retryWithinMs = 1000;

/** A connection that is there or about to be. */
interface Held<Kept> {
  readonly opening: Promise<{ readonly connection: Connection; readonly kept: Kept }>;
  /** Pieces of work that are under way on it. */
  uses: number;
  /** Nothing new is begun on it, and whoever ends the last work closes it. */
  isLeft: boolean;
}

/** Holds one connection, open or to be opened again, together with what its user keeps for it. */
export class ConnectionHolder<Kept> {
  readonly #open: () => Promise<{ connection: Connection; kept: Kept }>;
  #current: Held<Kept> | undefined;

  constructor(open: () => Promise<{ connection: Connection; kept: Kept }>) {
    this.#open = open;
  }

  /** Does work on the connection, twice where the connection turns out to be broken and the work may be repeated. */
  async use<Value>(work: (kept: Kept, connection: Connection) => Promise<Value>): Promise<Value> {
    const begun = performance.now();
    try {
      return await this.#attempt(work);
    } catch (error) {
      const lost = error instanceof StorageError && passing.has(error.code) && !error.outcomeUnknown;
      if (!lost || performance.now() - begun > retryWithinMs) throw error;
      return this.#attempt(work);
    }
  }

  /** The next use opens another connection; what is under way on this one ends there. */
  renew(): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    current.isLeft = true;
    if (current.uses === 0) closeQuietly(current);
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await (await current?.opening)?.connection.close();
  }

  async #attempt<Value>(work: (kept: Kept, connection: Connection) => Promise<Value>): Promise<Value> {
    const current = this.#current ?? this.#openAgain();
    current.uses += 1;
    try {
      const { connection, kept } = await current.opening;
      return await work(kept, connection);
    } catch (error) {
      if (this.#current === current && error instanceof StorageError && closing.has(error.code)) {
        this.#current = undefined;
        closeQuietly(current);
      }
      throw error;
    } finally {
      current.uses -= 1;
      if (current.isLeft && current.uses === 0) closeQuietly(current);
    }
  }

  #openAgain(): Held<Kept> {
    const current: Held<Kept> = { opening: this.#open(), uses: 0, isLeft: false };
    this.#current = current;
    current.opening.catch(() => {
      if (this.#current === current) this.#current = undefined;
    });
    return current;
  }
}

/** What the close of a broken connection reports is not news, and one to a server that hangs takes its time. */
function closeQuietly({ opening }: Held<unknown>): void {
  void opening.then(({ connection }) => connection.close()).catch(() => undefined);
}
