import type { Connection } from "../connection.js";
import { StorageError, type StorageErrorCode } from "../errors.js";

/** After these a connection is closed, and a new one opened at the next use. */
const closing: ReadonlySet<StorageErrorCode> = new Set(["unavailable", "damaged", "full", "read-only", "behind"]);

/** After these another connection may do: an idle one may have been cut, or lead to what takes no writes any more. */
const passing: ReadonlySet<StorageErrorCode> = new Set(["unavailable", "read-only"]);

/** Work that failed so quickly is tried once more on a new connection. */
const retryWithinMs = 1000;

/** Holds one connection, open or to be opened again, together with what its user keeps for it. */
export class ConnectionHolder<Kept> {
  readonly #open: () => Promise<{ connection: Connection; kept: Kept }>;
  #current: Promise<{ connection: Connection; kept: Kept }> | undefined;

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

  /** Gives the connection up, with whatever is under way on it: the next use opens another. */
  renew(): void {
    // What the close of a broken connection reports is not news, and one to a server that hangs takes its time.
    void this.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await (await current)?.connection.close();
  }

  async #attempt<Value>(work: (kept: Kept, connection: Connection) => Promise<Value>): Promise<Value> {
    const current = this.#current ?? this.#openAgain();
    try {
      const { connection, kept } = await current;
      return await work(kept, connection);
    } catch (error) {
      if (this.#current === current && error instanceof StorageError && closing.has(error.code)) this.renew();
      throw error;
    }
  }

  #openAgain(): Promise<{ connection: Connection; kept: Kept }> {
    const opening = this.#open();
    this.#current = opening;
    opening.catch(() => {
      if (this.#current === opening) this.#current = undefined;
    });
    return opening;
  }
}
