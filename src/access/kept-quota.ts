import * as z from "zod";
import { type Quota, type QuotaBound, type QuotaChange, quotaBounds, quotaCeilings, unlimited } from "./quota.js";

const bound = (name: QuotaBound) => z.int().min(1).max(quotaCeilings[name]).exactOptional();

/** A quota as rows keep it. */
export const quotaSchema = z.strictObject({
  requestsPerSecond: bound("requestsPerSecond"),
  concurrentRequests: bound("concurrentRequests"),
  keysPerMinute: bound("keysPerMinute"),
} satisfies Record<QuotaBound, unknown>);

/** A quota after a change. Throws ZodError for values out of range. */
export function changedQuota(quota: Quota, change: QuotaChange): Quota {
  const bounds = quotaBounds.flatMap((name): [QuotaBound, number][] => {
    const value = change[name] === undefined ? quota[name] : change[name];
    return value === null || value === undefined ? [] : [[name, value]];
  });
  return quotaSchema.parse(Object.fromEntries(bounds));
}

/** Reads a quota as a row keeps it. Throws ZodError or SyntaxError where it is not what this server wrote. */
export function readQuota(text: string | undefined): Quota {
  return text === undefined ? unlimited : quotaSchema.parse(JSON.parse(text));
}
