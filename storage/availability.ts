import { StorageError, type StorageErrorCode } from "./errors.js";

/** Errors that concern the database as a whole, not the one call that met them. */
const outages = [
  "unavailable",
  "full",
  "read-only",
  "behind",
  "damaged",
] as const satisfies readonly StorageErrorCode[];

/** Why the database does not take what it is asked. */
export type OutageCode = (typeof outages)[number];

/** The database does not do what it is asked. */
export interface Outage {
  readonly code: OutageCode;
  /** What it, or its driver, said; for operators. */
  readonly message: string;
  /** Whether a trial after the call that failed has failed too. */
  readonly isConfirmed: boolean;
}

/** What an availability works with. */
export interface AvailabilityOptions {
  /** Tries a write: after an outage for want of space one that needs much more than a request. Rejects with StorageError. */
  readonly tryWrite: (isLarge: boolean) => Promise<unknown>;
  /** Tries a read. Rejects with StorageError. */
  readonly tryRead: () => Promise<unknown>;
  /** Lets go of all calls that wait: an outage has begun. */
  readonly abandon: (error: StorageError) => void;
  /** Told when an outage begins, when it is confirmed, and, with null, when it is over after so many milliseconds. */
  readonly observe: (outage: Outage | null, milliseconds: number) => void;
}

/** Between two trials while the database is away. */
const pauseMs = 1000;
/** A read that failed may have been at fault itself: a trial decides, which is not waited for longer. */
const doubtPatienceMs = 1000;
const trialPatienceMs = 3000;

/** The code by which an error tells of an outage; undefined where it concerns a call alone. */
export function outageCode(error: unknown): OutageCode | undefined {
  return error instanceof StorageError ? outages.find((code) => code === error.code) : undefined;
}

/**
 * Knows whether the database does what it is asked. From the first commit that it does not take, further ones are refused
 * at once, and nobody waits for a time limit again; a trial each second finds out when it is back.
 */
export class Availability {
  private readonly options: AvailabilityOptions;
  private outage: Outage | undefined;
  private since = 0;
  private isTrying = false;
  private readsFail = false;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(options: AvailabilityOptions) {
    this.options = options;
  }

  /** Why a commit is not tried now; undefined where it is. */
  get refusal(): StorageError | undefined {
    const { outage } = this;
    return outage === undefined ? undefined : new StorageError(outage.code, outage.message, { isForeseen: true });
  }

  /** Why a read is not tried now: those that work go on while the database takes no writes. */
  get readRefusal(): StorageError | undefined {
    return this.readsFail ? this.refusal : undefined;
  }

  /** A commit failed. */
  commitFailed(error: unknown): void {
    const code = outageCode(error);
    if (code === undefined || this.outage !== undefined) return;
    this.begin(code, messageOf(error), false);
    this.tryOut(trialPatienceMs);
  }

  /** A read failed. Only `unavailable` says anything of the database. */
  readFailed(error: unknown): void {
    if (outageCode(error) !== "unavailable") return;
    if (this.outage === undefined) this.tryOut(doubtPatienceMs);
    else this.readsFail = true;
  }

  /** There is reason to try the database. */
  doubt(): void {
    if (this.outage === undefined) this.tryOut(trialPatienceMs);
  }

  /** Tries nothing any more. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private begin(code: OutageCode, message: string, isConfirmed: boolean): void {
    this.outage = { code, message, isConfirmed };
    this.since = performance.now();
    this.options.observe(this.outage, 0);
  }

  private tryOut(patienceMs: number): void {
    if (this.isTrying || this.isStopped) return;
    this.isTrying = true;
    void this.tried(patienceMs);
  }

  private async tried(patienceMs: number): Promise<void> {
    const { tryWrite, tryRead } = this.options;
    const trials = [tryWrite(this.outage?.code === "full"), tryRead()].map((trial) => within(patienceMs, trial));
    const [write, read] = await Promise.allSettled(trials);
    this.isTrying = false;
    if (this.isStopped) return;
    this.readsFail = read?.status === "rejected";
    const failed = write?.status === "rejected" ? write : read;
    if (failed?.status === "rejected") this.failed(failed.reason);
    else this.succeeded();
  }

  private succeeded(): void {
    if (this.outage === undefined) return;
    this.outage = undefined;
    this.options.observe(null, performance.now() - this.since);
  }

  private failed(error: unknown): void {
    const code = outageCode(error);
    // Refused because too much waits, or a fault of ours: no outage.
    if (code === undefined && this.outage === undefined) return;
    this.confirm(code ?? this.outage?.code ?? "unavailable", messageOf(error));
    this.timer = setTimeout(() => this.tryOut(trialPatienceMs), pauseMs).unref();
  }

  private confirm(code: OutageCode, message: string): void {
    const before = this.outage;
    if (before === undefined) {
      this.begin(code, message, true);
      this.options.abandon(new StorageError(code, message));
    } else if (!before.isConfirmed || before.code !== code) {
      this.outage = { code, message, isConfirmed: true };
      this.options.observe(this.outage, performance.now() - this.since);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a trial comes to, or `unavailable` where it takes too long. */
function within(milliseconds: number, trial: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    const message = `the database does not answer within ${milliseconds} ms`;
    timer = setTimeout(() => reject(new StorageError("unavailable", message)), milliseconds);
  });
  return Promise.race([trial, silence]).finally(() => clearTimeout(timer));
}
