import { FairQueue } from "#storage/fair-queue.js";
import { TurnRefusal } from "./turn-refusal.js";
import type { Asker } from "./turns.js";

/** How many key pairs of one tenant are made at once, and how many may wait for that. */
export interface PairLimits {
  readonly atOnce: number;
  readonly waiting: number;
}

interface WaitingPair {
  readonly begin: () => void;
  readonly refuse: (refusal: TurnRefusal) => void;
}

interface Pairs {
  underWay: number;
  readonly waiting: FairQueue<WaitingPair>;
}

/**
 * The making of key pairs, which may cost a token seconds: few at once of each tenant, its clients taking turns. Where
 * too many wait, the newest of the client that has most waiting is refused.
 */
export class PairMaking {
  private readonly limits: PairLimits;
  private readonly tenants = new Map<string, Pairs>();

  constructor(limits: PairLimits) {
    this.limits = limits;
  }

  /** Makes a pair when it is its turn. Rejects with TurnRefusal where too many wait. */
  async inTurn<T>({ tenant, client }: Pick<Asker, "tenant" | "client">, make: () => Promise<T>): Promise<T> {
    const pairs = this.pairsOf(tenant);
    if (pairs.underWay < this.limits.atOnce) pairs.underWay += 1;
    else await this.waitIn(pairs, client);
    try {
      return await make();
    } finally {
      this.ended(tenant, pairs);
    }
  }

  private pairsOf(tenant: string): Pairs {
    const known = this.tenants.get(tenant);
    if (known !== undefined) return known;
    const pairs = { underWay: 0, waiting: new FairQueue<WaitingPair>() };
    this.tenants.set(tenant, pairs);
    return pairs;
  }

  private waitIn({ waiting }: Pairs, client: string): Promise<void> {
    if (waiting.length >= this.limits.waiting) {
      const heaviest = waiting.heaviest() ?? client;
      const isHeaviest = waiting.lengthOf(client) + 1 >= waiting.lengthOf(heaviest);
      if (isHeaviest) return Promise.reject(TurnRefusal.of("pairs"));
      waiting.popOf(heaviest)?.refuse(TurnRefusal.of("pairs"));
    }
    return new Promise((begin, refuse) => waiting.push(client, { begin, refuse }));
  }

  /** The place of a pair that is made goes to the next. */
  private ended(tenant: string, pairs: Pairs): void {
    const next = pairs.waiting.shift();
    if (next !== undefined) {
      next.begin();
      return;
    }
    pairs.underWay -= 1;
    if (pairs.underWay === 0) this.tenants.delete(tenant);
  }
}
