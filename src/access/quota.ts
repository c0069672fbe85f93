import * as z from "zod";

/** The highest value that each bound of a quota can have. */
export const quotaCeilings = {
  requestsPerSecond: 1_000_000,
  concurrentRequests: 10_000,
  keysPerMinute: 1_000_000,
} as const;

const count = (ceiling: number) => z.int().min(1).max(ceiling).exactOptional();

/** What a tenant, or one client, may ask of the server at most; what is absent has no bound of its own. */
export const quotaSchema = z.strictObject({
  /** Request messages a second, in the mean; twice as many may come at once. */
  requestsPerSecond: count(quotaCeilings.requestsPerSecond),
  /** Request messages in work at once. */
  concurrentRequests: count(quotaCeilings.concurrentRequests),
  /** Keys and key pairs a minute that the token makes; a sixth of them may come at once. */
  keysPerMinute: count(quotaCeilings.keysPerMinute),
});

/** What a tenant, or one client, may ask of the server at most. */
export type Quota = z.output<typeof quotaSchema>;

/** The bounds of a quota, by the names they are set by. */
export const quotaBounds = ["requestsPerSecond", "concurrentRequests", "keysPerMinute"] as const;

/** The name of a bound. */
export type QuotaBound = (typeof quotaBounds)[number];

/** No bounds. */
export const unlimited: Quota = {};

/** Whether a quota has no bounds. */
export function isUnlimited(quota: Quota): boolean {
  return quotaBounds.every((bound) => quota[bound] === undefined);
}

/** New values of some bounds; null takes one away. */
export type QuotaChange = Readonly<Partial<Record<QuotaBound, number | null>>>;

/** A quota after a change. Throws ZodError for values out of range. */
export function changedQuota(quota: Quota, change: QuotaChange): Quota {
  const bounds = quotaBounds.flatMap((bound): [QuotaBound, number][] => {
    const value = change[bound] === undefined ? quota[bound] : change[bound];
    return value === null || value === undefined ? [] : [[bound, value]];
  });
  return quotaSchema.parse(Object.fromEntries(bounds));
}

/** Reads a quota as a row keeps it. Throws ZodError or SyntaxError where it is not what this server wrote. */
export function readQuota(text: string | undefined): Quota {
  return text === undefined ? unlimited : quotaSchema.parse(JSON.parse(text));
}

/** A quota in words: "requestsPerSecond 50, keysPerMinute 10", or "none". */
export function quotaInWords(quota: Quota): string {
  const bounds = quotaBounds.flatMap((bound) => (quota[bound] === undefined ? [] : [`${bound} ${quota[bound]}`]));
  return bounds.length === 0 ? "none" : bounds.join(", ");
}
