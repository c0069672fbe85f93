import type { Database } from "#storage/database.js";
import { auditEntry, type TenantNames } from "./entry.js";

/** Which rows to export; what is absent does not restrict. Times are milliseconds since 1970, limits included. */
export interface ExportOptions {
  readonly tenantId?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** What tenants are called; without it, lines show their identifiers. */
  readonly tenantNames?: TenantNames;
}

/** Rows fetched at once. */
const pageSize = 500;

/** The audit trail as JSON lines, chain by chain, each in its order. Throws StorageError. */
export async function* exportAudit(read: Database["read"], options: ExportOptions = {}): AsyncGenerator<string> {
  const { tenantId: wanted, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = options;
  const names = options.tenantNames ?? new Map<string, string>();
  for (const { tenantId, nodeId } of await read.audit.chains()) {
    if (wanted !== undefined && tenantId !== wanted) continue;
    let after = 0;
    while (true) {
      const rows = await read.audit.page(tenantId, nodeId, after, pageSize);
      for (const row of rows) {
        if (row.timeMs >= fromMs && row.timeMs <= toMs) yield `${JSON.stringify(auditEntry(row, names))}\n`;
      }
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.sequence;
    }
  }
}
