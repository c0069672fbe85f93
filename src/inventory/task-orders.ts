import { randomUUID } from "node:crypto";
import type { Custody } from "#src/objects/custody.js";
import { type Change, change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { TaskRow } from "#storage/task-types.js";
import type { AuditPosition, AuditRecord } from "#storage/types.js";

/** What each kind of long task is called in the audit trail. */
export const taskOperations = {
  "rotate-kek": "Rotate Key-Encryption Key",
  "migrate-keys": "Migrate Keys",
  "scan-integrity": "Scan Integrity",
} as const;

/** A kind of long task. */
export type TaskKindName = keyof typeof taskOperations;

/** All kinds of long tasks. */
export const taskKindNames = Object.keys(taskOperations) as readonly TaskKindName[];

/** What the rotation of a key-encryption key is told. */
export interface RotateOrder {
  /** Whether the old versions are removed from the token once nothing rests under them. */
  readonly removeOld: boolean;
}

/** What a migration of keys is told. */
export interface MigrateOrder {
  readonly to: Custody;
  /** Unique Identifiers; all keys that meet the other conditions where absent. */
  readonly objects?: readonly string[];
  /** Only keys in this custody. */
  readonly from?: Custody;
  /** Only objects of this type: a value of the Object Type enumeration. */
  readonly objectType?: number;
}

/** What a scan is told. */
export interface ScanOrder {
  /** Whether every wrapped key is opened in the token, instead of some of them. */
  readonly deep: boolean;
  /** Whether what can be mended without guessing is mended. */
  readonly repair?: boolean;
}

/** The orders by kind of task. */
export interface TaskOrders {
  readonly "rotate-kek": RotateOrder;
  readonly "migrate-keys": MigrateOrder;
  readonly "scan-integrity": ScanOrder;
}

/** Who asks for a task, as the audit trail names them. */
export interface TaskAsker {
  readonly name: string;
  readonly certificateFingerprint: string | null;
  readonly sourceAddress: string | null;
}

/** A task to be queued; `now` in milliseconds since 1970. */
export function newTask<Name extends TaskKindName>(
  tenantId: string,
  kind: Name,
  order: TaskOrders[Name],
  asker: TaskAsker,
  now: number,
): TaskRow {
  return {
    id: randomUUID(),
    tenantId,
    kind,
    parameters: JSON.stringify(order),
    state: "waiting",
    askedBy: asker.name,
    askedFingerprint: asker.certificateFingerprint,
    askedFrom: asker.sourceAddress,
    position: null,
    total: null,
    done: 0,
    skipped: 0,
    failed: 0,
    repaired: 0,
    attempts: 0,
    lastError: null,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    notBefore: 0,
    claim: null,
    claimedBy: null,
    claimedUntil: 0,
  };
}

/** The audit record of a task, in the name of who asked for it: of its beginning unless changed. */
export function taskRecord(task: TaskRow, timeMs: number): AuditRecord {
  return {
    tenantId: task.tenantId,
    timeMs,
    eventId: newIdentifier(),
    clientId: null,
    clientName: task.askedBy,
    certificateFingerprint: task.askedFingerprint,
    sourceAddress: task.askedFrom,
    protocolVersion: null,
    operation: taskOperations[task.kind as TaskKindName] ?? task.kind,
    objectId: null,
    partition: null,
    outcome: "intent",
    resultReason: null,
    durationMicroseconds: null,
    correlationId: task.id,
    detail: JSON.stringify({ task: task.id, order: JSON.parse(task.parameters) as object }),
  };
}

/** Whether a task was not queued because there is one already. */
export function isTaskThere(error: unknown): boolean {
  if (!(error instanceof StorageError)) return false;
  return error.code === "conflict" || error.constraint === "tasks.open";
}

/** The changes that have a task wait, and say so in the audit; they fail as `tasks.queue` does. */
export function queueTask(task: TaskRow, sinceMs: number): readonly [Change, Change<AuditPosition>] {
  return [change("tasks", "queue", task, sinceMs), change("audit", "append", taskRecord(task, task.createdAt))];
}
