import { type Change, change } from "#storage/changes.js";
import type { AuditPosition, AuditRecord } from "#storage/types.js";
import type { Services } from "./services.js";

/** What committing works with. */
export interface Committing extends Pick<Services, "auditAppended"> {
  readonly database: Pick<Services["database"], "commit">;
}

/** How something ended: what it changes, and what the audit trail says of it. */
export interface Ending {
  readonly changes: readonly Change[];
  readonly records: readonly AuditRecord[];
}

/** Commits changes together with audit records, durably, and reports where the records came to stand. Throws StorageError. */
export async function commitAudited(
  { database, auditAppended }: Committing,
  { changes, records }: Ending,
): Promise<void> {
  const appended = records.map((record) => change("audit", "append", record));
  const results = await database.commit([...changes, ...appended]);
  for (const position of results.slice(changes.length)) auditAppended(position as AuditPosition);
}
