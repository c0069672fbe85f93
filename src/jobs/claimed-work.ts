import type { DatabaseLogger } from "#storage/database.js";

/** What work that is claimed in the database is done by. */
export interface ClaimedWorkOptions {
  readonly log: DatabaseLogger;
  /** How often it looks for what nobody told it of: what other nodes left, what has become due. */
  readonly everyMilliseconds: number;
  /** Claims what is due and begins it, or does it at once. Where it rejects, it is called again. */
  readonly claimDue: () => Promise<void>;
  /** What the log says where that rejects. */
  readonly whenUnseen: string;
  /** Milliseconds since 1970; what `expect` is told is measured by it. */
  readonly now?: () => number;
}

/** The pause before a look that failed is tried again. */
const retryMilliseconds = 2_000;

/**
 * The part that all work in the background has in common: it looks for what is due by a timer and whenever it is told,
 * one look at a time, and no look that was asked for is lost; it knows what runs, and ends in order.
 */
export class ClaimedWork {
  private readonly options: ClaimedWorkOptions;
  private readonly running = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private wake: NodeJS.Timeout | undefined;
  private wakeAt = Number.POSITIVE_INFINITY;
  private looking: Promise<void> | undefined;
  private lookAgain = false;
  private isStopped = false;

  constructor(options: ClaimedWorkOptions) {
    this.options = options;
  }

  /** Whether it is to end: nothing more is begun. */
  get stopped(): boolean {
    return this.isStopped;
  }

  /** How many runs are under way. */
  get size(): number {
    return this.running.size;
  }

  /** Begins with what has become due while nobody looked. */
  start(): void {
    this.timer = setInterval(() => this.look(), this.options.everyMilliseconds).unref();
    this.look();
  }

  /** Something may be due. */
  look(): void {
    if (this.isStopped) return;
    this.lookAgain = true;
    this.looking ??= this.lookWhileAsked().finally(() => {
      this.looking = undefined;
    });
  }

  /** Something may be due from this moment on (milliseconds since 1970). */
  expect(moment: number): void {
    if (this.isStopped || moment >= this.wakeAt) return;
    clearTimeout(this.wake);
    this.wakeAt = moment;
    const wake = (): void => {
      this.wakeAt = Number.POSITIVE_INFINITY;
      this.look();
    };
    this.wake = setTimeout(wake, Math.max(0, moment - this.now())).unref();
  }

  /** Whether the run of this name is under way. */
  isRunning(name: string): boolean {
    return this.running.has(name);
  }

  /** Begins a run, which must not reject; `settled` is called when it has ended. */
  begin(name: string, run: () => Promise<void>, settled: () => void = () => undefined): void {
    const ended = run().finally(() => {
      this.running.delete(name);
      settled();
    });
    this.running.set(name, ended);
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    clearTimeout(this.wake);
    await this.looking;
    await Promise.all(this.running.values());
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private async lookWhileAsked(): Promise<void> {
    while (this.lookAgain && !this.isStopped) {
      this.lookAgain = false;
      try {
        await this.options.claimDue();
      } catch (error) {
        this.options.log.error({ error }, `${this.options.whenUnseen}; it is tried again`);
        this.expect(this.now() + retryMilliseconds);
      }
    }
  }
}
