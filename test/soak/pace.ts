/** Lets so many through a second, shared by all that ask. */
export class Pace {
  private next = 0;
  private held: Promise<void> | undefined;

  /** `rate` of infinity lets everybody through at once. */
  constructor(private rate: number) {}

  /** From now on so many a second. */
  become(rate: number): void {
    this.rate = rate;
  }

  /** Lets nobody through while something is done. */
  async hold<Value>(work: () => Promise<Value>): Promise<Value> {
    const working = work();
    this.held = working.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await working;
    } finally {
      this.held = undefined;
    }
  }

  /** Resolves when it is the caller's turn. Turns that nobody took are not made up for. */
  async turn(): Promise<void> {
    await this.held;
    if (this.rate === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    const at = Math.max(now, this.next);
    this.next = at + 1000 / this.rate;
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now));
    await this.held;
  }
}
