/** The highest value that each bound of a quota can have. */
export const quotaCeilings = {
  /** Request messages a second, in the mean; twice as many may come at once. */
  requestsPerSecond: 1_000_000,
  /** Request messages in work at once. */
  concurrentRequests: 10_000,
  /** Keys and key pairs a minute that the token makes; a sixth of them may come at once. */
  keysPerMinute: 1_000_000,
} as const;

/** The name of a bound, by which it is set. */
export type QuotaBound = keyof typeof quotaCeilings;

/** The bounds of a quota. */
export const quotaBounds = Object.keys(quotaCeilings) as readonly QuotaBound[];

/** What a tenant, or one client, may ask of the server at most; what is absent has no bound of its own. */
export type Quota = { readonly [Bound in QuotaBound]?: number };

/** New values of some bounds; null takes one away. */
export type QuotaChange = { readonly [Bound in QuotaBound]?: number | null };

/** No bounds. */
export const unlimited: Quota = {};

/** Whether a quota has no bounds. */
export function isUnlimited(quota: Quota): boolean {
  return quotaBounds.every((bound) => quota[bound] === undefined);
}

/** A quota in words: "requestsPerSecond 50, keysPerMinute 10", or "none". */
export function quotaInWords(quota: Quota): string {
  const bounds = quotaBounds.flatMap((bound) => (quota[bound] === undefined ? [] : [`${bound} ${quota[bound]}`]));
  return bounds.length === 0 ? "none" : bounds.join(", ");
}
