import type { Database } from "#storage/database.js";
import type { AuditRow } from "#storage/types.js";

/** Which rows to export; what is absent does not restrict. Times are milliseconds since 1970, limits included. */
export interface ExportOptions {
  readonly tenantId?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** Rows fetched at once. */
const pageSize = 500;

/** A row as one line of JSON: times in ISO 8601 (UTC, milliseconds), hashes in hexadecimal. */
export function auditLine({ timeMs, previousHash, hash, ...row }: AuditRow): string {
  const time = new Date(timeMs).toISOString();
  const hashes = { previousHash: previousHash.toString("hex"), hash: hash.toString("hex") };
  return `${JSON.stringify({ time, ...row, ...hashes })}\n`;
}

/** The audit trail as JSON lines, chain by chain, each in its order. Throws StorageError. */
export async function* exportAudit(read: Database["read"], options: ExportOptions = {}): AsyncGenerator<string> {
  const { tenantId: wanted, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = options;
  for (const { tenantId, nodeId } of await read.audit.chains()) {
    if (wanted !== undefined && tenantId !== wanted) continue;
    let after = 0;
    while (true) {
      const rows = await read.audit.page(tenantId, nodeId, after, pageSize);
      for (const row of rows) if (row.timeMs >= fromMs && row.timeMs <= toMs) yield auditLine(row);
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.sequence;
    }
  }
}
