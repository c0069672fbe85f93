/** Ends of what was begun, done in the opposite order; one that fails does not keep the others from being done. */
export class ClosingOrder {
  private readonly ends: (() => Promise<void>)[] = [];

  /** Adds the end of what was begun last. */
  add(end: () => Promise<void>): void {
    this.ends.push(end);
  }

  /** Does all ends. Rejects afterwards with what went wrong first. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let end = this.ends.pop(); end !== undefined; end = this.ends.pop()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
