/** So many checks in a row without success make a partition unhealthy. */
const MISSES = 2;

/** So many checks in a row with success make it healthy again. */
const SUCCESSES = 3;

/** Whether a partition is fit for use, by its checks: one bad one is not believed yet, nor is one good one after a failure. */
export class PartitionHealth {
  #healthy = true;
  #checking = false;
  /** Checks in a row that speak against the present verdict. */
  #against = 0;

  /** The present verdict. */
  get healthy(): boolean {
    return this.#healthy;
  }

  /** Checks, unless a check is still under way, and calls back where the verdict changes by it. */
  async check(ask: () => Promise<void>, changed: (healthy: boolean) => void): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    const good = await ask().then(
      () => true,
      () => false,
    );
    this.#checking = false;
    if (this.note(good)) changed(good);
  }

  /** Notes a check; true where the verdict changes by it. */
  note(good: boolean): boolean {
    if (good === this.#healthy) {
      this.#against = 0;
      return false;
    }
    this.#against += 1;
    if (this.#against < (this.#healthy ? MISSES : SUCCESSES)) {
      return false;
    }
    this.#healthy = good;
    this.#against = 0;
    return true;
  }
}
