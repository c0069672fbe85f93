import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";

/** How long another process may hold the file before a transaction is given up, in milliseconds. */
const patienceMilliseconds = 4000;
/** Between two looks whether the file is free: a commit takes about a millisecond. */
const lookMilliseconds = 0.25;
/** For so long after its commit a process lets those begin that wait, where there were some a short while ago. */
const courtesyMilliseconds = 0.5;
const memoryMilliseconds = 100;

const never = new Int32Array(new SharedArrayBuffer(4));

/** Waits on a thread that has nothing else to do; timers of Node.js are no shorter than a millisecond. */
function rest(milliseconds: number): void {
  if (milliseconds > 0) Atomics.wait(never, 0, 0, milliseconds);
}

function isBusy(error: unknown): boolean {
  return error instanceof StorageError && error.code === "unavailable" && error.message.includes("SQLITE_BUSY");
}

/**
 * Has the processes that write to one SQLite file take turns. SQLite itself looks again after ever longer pauses, up to
 * a tenth of a second: whoever has just written mostly comes first again, and the others wait long.
 */
export class WriteTurn {
  private waitedAt = Number.NEGATIVE_INFINITY;
  private endedAt = Number.NEGATIVE_INFINITY;

  /** Begins a transaction that will write. Throws StorageError, `unavailable` where the file is never free. */
  async begin(connection: Connection, command: string): Promise<void> {
    const from = performance.now();
    if (from - this.waitedAt < memoryMilliseconds) rest(courtesyMilliseconds - (from - this.endedAt));
    while (true) {
      try {
        await connection.command(command);
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() - from > patienceMilliseconds) throw error;
        this.waitedAt = performance.now();
        rest(lookMilliseconds);
      }
    }
  }

  /** The transaction has ended. */
  ended(): void {
    this.endedAt = performance.now();
  }
}
