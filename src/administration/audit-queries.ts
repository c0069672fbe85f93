import type { TenantNames } from "#src/audit/entry.js";
import { eventOperation } from "#src/audit/events/fold.js";
import type { Database } from "#storage/database.js";
import { type AuditFilter, serverChain } from "#storage/types.js";
import type { AuditQuery } from "./administration.js";
import { AdministrationError } from "./errors.js";

/** What tenants are called, by identifier. */
export async function tenantNames(read: Database["read"]): Promise<TenantNames> {
  return new Map((await read.tenants.list()).map(({ id, name }) => [id, name]));
}

/** The chain of a tenant, or that of the server itself. Throws AdministrationError `not-found`. */
export async function chainOf(read: Database["read"], tenant: string): Promise<string> {
  if (tenant === serverChain) return serverChain;
  const row = await read.tenants.byName(tenant);
  if (row === null) throw new AdministrationError("not-found", `there is no tenant "${tenant}"`);
  return row.id;
}

/** The filter a query stands for. Throws AdministrationError. */
export async function auditFilter(read: Database["read"], query: AuditQuery, now: number): Promise<AuditFilter> {
  const { tenant, operation, events, object, client, outcome, since, until } = query;
  return {
    ...(tenant === undefined ? {} : { tenantId: await chainOf(read, tenant) }),
    ...(operation === undefined ? {} : { operation }),
    ...(events === true ? { operation: eventOperation } : {}),
    ...(object === undefined ? {} : { objectId: object }),
    ...(client === undefined ? {} : uuid.test(client) ? { clientId: client } : { clientName: client }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(since === undefined ? {} : { fromMs: moment("since", since, now) }),
    ...(until === undefined ? {} : { toMs: moment("until", until, now) }),
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const unitMilliseconds: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds since 1970 of a time as operators write it. Throws AdministrationError `invalid`. */
function moment(name: string, text: string, now: number): number {
  const [, amount, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * (unitMilliseconds[unit] ?? 0);
  // Date.parse takes much more than ISO 8601, guesses, and takes times without a zone for local ones.
  const [known, zone] = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}[\d:.]*(Z|[+-]\d{2}:\d{2})?)?$/.exec(text) ?? [];
  const time =
    known === undefined ? Number.NaN : Date.parse(zone === undefined && known.includes("T") ? `${known}Z` : known);
  if (!Number.isNaN(time)) return time;
  throw new AdministrationError(
    "invalid",
    `${name} is a time such as 2026-01-31T08:00Z, or how long ago: 30m, 12h, 7d`,
  );
}
