/** Waits between starts of a worker, in milliseconds: doubled at each failure from the first to the longest. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 10_000;

/** So many failures in a row open the circuit: callers are refused at once until the wait is over. */
const FAILURES_TO_OPEN = 3;

/** Told that the circuit opened or closed, with the last failure. */
export type CircuitObserver = (open: boolean, reason: string) => void;

/**
 * The circuit of a partition: counts failures in a row of all its workers, and says how long to wait and whether to
 * refuse. After the wait the next call is a trial; the circuit closes when one is answered.
 */
export class BackOff {
  readonly #now: () => number;
  readonly #observe: CircuitObserver;
  #failures = 0;
  #until = 0;
  #reason = "";

  /** `now` gives milliseconds that never run backwards. */
  constructor(now: () => number, observe: CircuitObserver = () => undefined) {
    this.#now = now;
    this.#observe = observe;
  }

  /** Why the last start or worker failed. */
  get reason(): string {
    return this.#reason;
  }

  /** Whether the last that was heard of a worker was a failure. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** Whether the circuit has opened and no call has been answered since. */
  get tripped(): boolean {
    return this.#failures >= FAILURES_TO_OPEN;
  }

  /** Whether callers are refused without trying. */
  get open(): boolean {
    return this.tripped && this.delay() > 0;
  }

  /** Milliseconds to wait before the next start. */
  delay(): number {
    return Math.max(0, this.#until - this.#now());
  }

  /** Notes a failure. Several workers that fail at the same time have met the same one. */
  failed(reason: string): void {
    this.#reason = reason;
    if (this.delay() > 0) return;
    this.#until = this.#now() + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#failures += 1;
    if (this.#failures === FAILURES_TO_OPEN) this.#observe(true, reason);
  }

  /** Notes that a worker does its work. */
  succeeded(): void {
    if (this.#failures === 0) return;
    const wasTripped = this.tripped;
    this.#failures = 0;
    this.#until = 0;
    if (wasTripped) this.#observe(false, this.#reason);
  }
}
