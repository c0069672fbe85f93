import { type Siblings, type Topic, topic } from "#src/siblings/siblings.js";
import { FailureLimit } from "./failure-limit.js";

/** A limit on failures that all processes of the server have together. */
export class JointFailureLimit {
  private readonly siblings: Siblings;
  private readonly limit: FailureLimit;
  private readonly failure: Topic<string>;

  /** `name` says what fails, the same in all processes; `now` gives a steady time in milliseconds. */
  constructor(siblings: Siblings, name: string, limit: { readonly allowed: number; readonly now: () => number }) {
    this.siblings = siblings;
    this.limit = new FailureLimit(limit.allowed, limit.now);
    this.failure = topic(`failure of ${name}`);
    siblings.on(this.failure, (identity) => this.limit.failed(identity));
  }

  /** Seconds an identity must wait; 0 where it may try. */
  waitSeconds(identity: string): number {
    return this.limit.waitSeconds(identity);
  }

  /** Counts a failure; resolves when all processes have counted it. */
  async failed(identity: string): Promise<void> {
    this.limit.failed(identity);
    await this.siblings.tell(this.failure, identity);
  }
}
