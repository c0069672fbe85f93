import { LRUCache } from "lru-cache";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { OperatorRow } from "#storage/types.js";
import type { Permission } from "./operator.js";

/** For how long before the database went away an operator must have been seen to count meanwhile, in milliseconds. */
const seenWithinMs = 3_600_000;
/** Operators that are remembered. */
const most = 100;

/**
 * Looks operators up, in the database each time. While it does not answer, monitoring must not go blind: an operator that
 * it knew shortly before may watch.
 */
export class KnownOperators {
  private readonly read: Pick<Database["read"], "operators">;
  private readonly now: () => number;
  private readonly seen = new LRUCache<string, { readonly operator: OperatorRow; readonly at: number }>({ max: most });
  private awaySince: number | undefined;

  /** `now` gives milliseconds of a clock that never steps. */
  constructor(read: Pick<Database["read"], "operators">, now: () => number) {
    this.read = read;
    this.now = now;
  }

  /**
   * The operator of a certificate; null where there is none, and for a probe that nobody can say who makes. Throws
   * StorageError where it is not known now.
   */
  async find(fingerprint: string, permission: Permission): Promise<OperatorRow | null> {
    try {
      const operator = await this.read.operators.byFingerprint(fingerprint);
      this.awaySince = undefined;
      this.remember(fingerprint, operator);
      return operator;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.awaySince ??= this.now();
      if (permission === "probe") return null;
      const known = this.seen.get(fingerprint);
      if (permission !== "watch" || known === undefined || this.awaySince - known.at > seenWithinMs) throw error;
      return known.operator;
    }
  }

  private remember(fingerprint: string, operator: OperatorRow | null): void {
    if (operator === null) this.seen.delete(fingerprint);
    else this.seen.set(fingerprint, { operator, at: this.now() });
  }
}
