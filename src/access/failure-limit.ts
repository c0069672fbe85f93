const windowMilliseconds = 60_000;

/** Identities remembered at most; the oldest is forgotten first. */
const identitiesMax = 10_000;

/** Limits how often somebody who is refused may try: so many failures a minute for each identity. */
export class FailureLimit {
  private readonly allowed: number;
  private readonly now: () => number;
  private readonly failures = new Map<string, { since: number; count: number }>();

  /** `now` gives a steady time in milliseconds. */
  constructor(allowed: number, now: () => number) {
    this.allowed = allowed;
    this.now = now;
  }

  /** Seconds an identity must wait; 0 where it may try. */
  waitSeconds(identity: string): number {
    const known = this.failures.get(identity);
    if (known === undefined) return 0;
    const left = known.since + windowMilliseconds - this.now();
    if (left <= 0) this.failures.delete(identity);
    return left > 0 && known.count >= this.allowed ? Math.ceil(left / 1000) : 0;
  }

  /** Counts a failure. */
  failed(identity: string): void {
    const known = this.failures.get(identity);
    if (known !== undefined && this.now() - known.since < windowMilliseconds) {
      known.count += 1;
      return;
    }
    const [oldest] = this.failures.keys();
    if (this.failures.size >= identitiesMax && oldest !== undefined) this.failures.delete(oldest);
    this.failures.delete(identity);
    this.failures.set(identity, { since: this.now(), count: 1 });
  }
}
