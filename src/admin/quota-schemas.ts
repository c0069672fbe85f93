import { type Quota, type QuotaBound, type QuotaChange, quotaBounds, quotaCeilings } from "#src/access/quota.js";
import { object, type Properties, type Schema } from "./schema-parts.js";

const words: Readonly<Record<QuotaBound, string>> = {
  requestsPerSecond: "Most requests a second",
  concurrentRequests: "Most requests in work at once",
  keysPerMinute: "Most keys and key pairs a minute that are made",
};

function bounds(typeOf: (bound: QuotaBound, description: string) => Schema): Properties<Record<QuotaBound, number>> {
  const each = quotaBounds.map((bound) => [bound, typeOf(bound, words[bound])]);
  return Object.fromEntries(each) as Properties<Record<QuotaBound, number>>;
}

/** What a tenant or client may ask for at most, and how that is changed. */
export const quotaSchemas: readonly Schema[] = [
  object<Quota>(
    "Quota",
    bounds((_bound, description) => ({ type: "integer", minimum: 1, description })),
    [...quotaBounds],
  ),
  object<QuotaChange>(
    "QuotaChange",
    bounds((bound, description) => ({
      anyOf: [{ type: "integer", minimum: 1, maximum: quotaCeilings[bound] }, { type: "null" }],
      description: `${description}; null takes the bound away`,
    })),
    [...quotaBounds],
  ),
];
