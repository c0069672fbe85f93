import { setTimeout as pause } from "node:timers/promises";
import { change } from "#storage/changes.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import { newIdentifier } from "#storage/identifiers.js";
import { ClaimedWork } from "./claimed-work.js";

/** Items of one batch that one run works on. */
export interface ClaimedBatch {
  readonly batchId: string;
  /** Names the run. */
  readonly claim: string;
}

/** What a runner works with. */
export interface RunnerOptions {
  readonly database: Database;
  readonly log: DatabaseLogger;
  /** Batches worked on at once. */
  readonly concurrency: number;
  /** Works on a batch. Where it rejects, what has not ended is taken up again. */
  readonly perform: (batch: ClaimedBatch) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How often it looks for work that other nodes left, and for what has expired. */
const sweepMilliseconds = 30_000;
/** A run that has not ended after this was left by a node that is gone; if it is not, its commit is refused. */
const abandonedMilliseconds = 3_600_000;
/** The pause before work that could not be gone on with is tried again. */
const retryMilliseconds = 2_000;

/**
 * Works on asynchronous requests, a few batches at a time. A batch is claimed in the database before it is worked on;
 * what was claimed when this node ended is given back when it starts.
 */
export class AsynchronousRunner {
  private readonly options: RunnerOptions;
  private readonly work: ClaimedWork;
  private readonly waiters = new Map<string, Set<() => void>>();
  private sweepAt: number;

  constructor(options: RunnerOptions) {
    this.options = options;
    this.sweepAt = options.now() + sweepMilliseconds;
    this.work = new ClaimedWork({
      log: options.log,
      everyMilliseconds: sweepMilliseconds,
      claimDue: () => this.claimDue(),
      whenUnseen: "asynchronous requests cannot be looked for",
      now: options.now,
    });
  }

  /** Takes up what was left, and begins. Throws StorageError. */
  async start(): Promise<void> {
    await this.options.database.commit([change("asynchronousRequests", "releaseOwn")]);
    this.work.start();
  }

  /** Work may be there from this moment on (milliseconds since 1970). */
  expect(notBefore: number): void {
    this.work.expect(notBefore);
  }

  /** Has a batch begun without further delay; resolves when its run has ended, or after the time. */
  async hasten(batchId: string, milliseconds: number): Promise<void> {
    const ended = this.ended(batchId, milliseconds);
    if (!this.work.isRunning(batchId)) {
      await this.options.database.commit([change("asynchronousRequests", "hasten", batchId)]);
      this.work.look();
    }
    await ended;
  }

  /** Claims nothing more, and resolves when what is worked on has ended. */
  async stop(): Promise<void> {
    const stopped = this.work.stop();
    for (const batchId of [...this.waiters.keys()]) this.release(batchId);
    await stopped;
  }

  private ended(batchId: string, milliseconds: number): Promise<void> {
    if (this.work.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.waiters.get(batchId) ?? new Set();
      this.waiters.set(batchId, waiting);
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        if (waiting.size === 0 && this.waiters.get(batchId) === waiting) this.waiters.delete(batchId);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      waiting.add(done);
    });
  }

  private release(batchId: string): void {
    for (const done of [...(this.waiters.get(batchId) ?? [])]) done();
  }

  private async claimDue(): Promise<void> {
    const { database, concurrency, now } = this.options;
    await this.sweep();
    while (this.work.size < concurrency && !this.work.stopped) {
      const due = await database.read.asynchronousRequests.nextDue();
      if (due === null) return;
      if (due.notBefore > now()) {
        this.expect(due.notBefore);
        return;
      }
      const claim = newIdentifier();
      const [taken] = await database.commit([change("asynchronousRequests", "claim", due.batchId, claim, now())]);
      if (taken > 0) this.begin({ batchId: due.batchId, claim });
      else await database.commit([change("asynchronousRequests", "postpone", due.batchId, now() + retryMilliseconds)]);
    }
  }

  private begin(batch: ClaimedBatch): void {
    const { batchId } = batch;
    const run = async (): Promise<void> => {
      try {
        await this.options.perform(batch);
      } catch (error) {
        this.options.log.error({ error, batchId }, "asynchronous requests could not be gone on with; they are later");
        await this.giveBack(batch);
      }
    };
    this.work.begin(batchId, run, () => {
      this.release(batchId);
      this.work.look();
    });
  }

  /** Gives back what has not ended, as soon as the database takes it; this node takes up what it left when it starts. */
  private async giveBack({ batchId, claim }: ClaimedBatch): Promise<void> {
    while (!this.work.stopped) {
      const later = this.options.now() + retryMilliseconds;
      try {
        await this.options.database.commit([change("asynchronousRequests", "giveBack", batchId, claim, later)]);
        return;
      } catch (error) {
        this.options.log.error({ error, batchId }, "asynchronous requests could not be given back; it is tried again");
        await pause(retryMilliseconds, undefined, { ref: false });
      }
    }
  }

  /** Takes up what other nodes left, and removes what has expired, now and then. */
  private async sweep(): Promise<void> {
    const now = this.options.now();
    if (now < this.sweepAt) return;
    this.sweepAt = now + sweepMilliseconds;
    await this.options.database.commit([
      change("asynchronousRequests", "releaseAbandoned", now - abandonedMilliseconds),
      change("asynchronousRequests", "removeExpired", now),
    ]);
  }
}
