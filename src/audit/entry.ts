import { type AuditRow, serverChain } from "#storage/types.js";

/** A row of the audit trail as people and programs outside read it: plain JSON. */
export interface AuditEntry extends Omit<AuditRow, "timeMs" | "previousHash" | "hash"> {
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  /** The tenant's name; `server` for what belongs to none; the identifier where no tenant has it any more. */
  readonly tenant: string;
  /** 64 hexadecimal digits. */
  readonly previousHash: string;
  readonly hash: string;
}

/** What tenants are called, by identifier. */
export type TenantNames = ReadonlyMap<string, string>;

/** What a chain's tenant is called. */
export function chainName(tenantId: string, names: TenantNames): string {
  return tenantId === serverChain ? serverChain : (names.get(tenantId) ?? tenantId);
}

/** A row as it is shown. */
export function auditEntry({ timeMs, previousHash, hash, ...row }: AuditRow, names: TenantNames): AuditEntry {
  return {
    time: new Date(timeMs).toISOString(),
    tenant: chainName(row.tenantId, names),
    ...row,
    previousHash: previousHash.toString("hex"),
    hash: hash.toString("hex"),
  };
}
