import { taskRecord } from "#src/inventory/task-orders.js";
import { type Change, change } from "#storage/changes.js";
import type { AuditRecord } from "#storage/types.js";
import type { ScanRun } from "./position.js";

/** What an operator can do about each kind of damage. */
const remedies = {
  repair: "keyreeve integrity scan --repair mends it",
  row: "restore it from a backup of the database; until then it is refused wherever it is used",
  age: "restore it from the newest backup of the database, and find out who wrote into the database",
  wrappedKey: "restore the object from a backup of the database, or the token from its own where that is the older one",
  tokenKey: "restore the token from its backup; without one the key is lost: destroy the object and make another",
  sealed: "restore it from a backup of the database, or set it anew",
  client: "find out who wrote into the database; revoke the client, or register it anew",
} as const;

/** Names what can be done about damage. */
export type Remedy = keyof typeof remedies;

/** Something that is not as it should be. */
export interface Damage {
  readonly reason: string;
  readonly remedy: Remedy;
}

/** Reports damage with what to do about it: in the task, and as an event of which operators must hear. */
export function reportDamage(run: ScanRun, subject: string, { reason, remedy }: Damage, objectId?: string): void {
  run.fail(subject, `${reason}; ${remedies[remedy]}`);
  run.surroundings.raise({
    kind: "integrity-damaged",
    tenantId: run.tenantId,
    ...(objectId !== undefined && { objectId }),
    detail: { subject, reason },
  });
}

/** What a scan mends, as the audit trail calls it. */
export type Mending = "Rebuild Index" | "Remove Orphaned Key" | "Remove Incomplete Key";

/** The audit row of something that is mended, in the name of who asked for the scan. */
export function mendingRecord(
  run: ScanRun,
  operation: Mending,
  told: Partial<Pick<AuditRecord, "objectId" | "outcome">> & { readonly detail: object },
): Change {
  const record = taskRecord(run.task, run.surroundings.now());
  const detail = JSON.stringify({ task: run.task.id, ...told.detail });
  return change("audit", "append", { ...record, outcome: "success", ...told, operation, detail });
}
