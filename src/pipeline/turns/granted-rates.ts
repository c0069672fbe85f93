import { type Quota, unlimited } from "#src/access/quota.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";
import { type Rate, TokenBuckets } from "./token-bucket.js";
import { type RefusalCause, TurnRefusal } from "./turn-refusal.js";
import type { Asker } from "./turns.js";

/** What was granted in another process: so many of a bucket. */
const granted = topic<readonly string[]>("requests and keys were granted");

/** The part of a minute's keys that may be made at once. */
const keysAtOnce = 1 / 6;

/**
 * The rates that quotas allow. What one process grants, the others count too: so a quota holds for all of them together,
 * but for what is granted while a message is on its way.
 */
export class GrantedRates {
  private readonly buckets: TokenBuckets;
  private readonly siblings: Siblings;

  /** `now` gives a steady time in milliseconds. */
  constructor(now: () => number, siblings: Siblings) {
    this.buckets = new TokenBuckets(now);
    this.siblings = siblings;
    siblings.on(granted, (keys) => {
      for (const key of keys) this.buckets.owe(key, 1);
    });
  }

  /** Grants one request. Throws TurnRefusal. */
  grantRequest(asker: Asker): void {
    this.grant(asker, "requests", ({ requestsPerSecond }) => {
      if (requestsPerSecond === undefined) return undefined;
      return { perSecond: requestsPerSecond, atOnce: requestsPerSecond * 2 };
    });
  }

  /** Grants the making of one key. Throws TurnRefusal. */
  grantKey(asker: Asker): void {
    this.grant(asker, "keys", ({ keysPerMinute }) => {
      if (keysPerMinute === undefined) return undefined;
      return { perSecond: keysPerMinute / 60, atOnce: Math.max(1, Math.ceil(keysPerMinute * keysAtOnce)) };
    });
  }

  private grant(asker: Asker, of: "requests" | "keys", rateOf: (quota: Quota) => Rate | undefined): void {
    const { tenant, client, tenantQuota, clientQuota } = asker;
    if (tenantQuota === unlimited && clientQuota === unlimited) return;
    const name = of === "requests" ? "rate" : "keys";
    const keys = [
      this.take(`${of} ${tenant} ${client}`, rateOf(clientQuota), `${name}-of-client`),
      this.take(`${of} ${tenant}`, rateOf(tenantQuota), `${name}-of-tenant`),
    ].flatMap((key) => key ?? []);
    if (keys.length > 0 && !this.siblings.isAlone) this.siblings.mention(granted, keys);
  }

  private take(key: string, rate: Rate | undefined, why: RefusalCause): string | undefined {
    if (rate === undefined) return undefined;
    if (!this.buckets.take(key, rate)) throw TurnRefusal.of(why);
    return key;
  }
}
