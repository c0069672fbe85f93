/** Waits between starts of a worker, in milliseconds: doubled at each failure from the first to the longest. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 10_000;

/** So many failures in a row open the circuit: callers are refused at once until the wait is over. */
const FAILURES_TO_OPEN = 3;

/** Counts failures in a row, and says how long to wait and whether to refuse. */
export class BackOff {
  readonly #now: () => number;
  #failures = 0;
  #until = 0;
  #reason = "";

  /** `now` gives milliseconds that never run backwards. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Why the last start or worker failed. */
  get reason(): string {
    return this.#reason;
  }

  /** Whether callers are refused without trying. */
  get open(): boolean {
    return this.#failures >= FAILURES_TO_OPEN && this.delay() > 0;
  }

  /** Milliseconds to wait before the next start. */
  delay(): number {
    return Math.max(0, this.#until - this.#now());
  }

  /** Notes a failure. */
  failed(reason: string): void {
    this.#reason = reason;
    this.#until = this.#now() + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#failures += 1;
  }

  /** Notes that the worker does its work. */
  succeeded(): void {
    this.#failures = 0;
    this.#until = 0;
  }
}
