import type { JsonText } from "./types.js";

/** Where a task stands. The last three are final. */
export type TaskState = "waiting" | "running" | "done" | "failed" | "canceled";

/** A long task that an operator, or the schedule, asked for. */
export interface TaskRow {
  readonly id: string;
  /** The tenant whose objects it works at. */
  readonly tenantId: string;
  /** What is to be done, in the words of the caller; one of a kind is open for a tenant at a time. */
  readonly kind: string;
  readonly parameters: JsonText;
  readonly state: TaskState;
  /** Who asked for it, as the audit trail names them. */
  readonly askedBy: string;
  readonly askedFingerprint: string | null;
  readonly askedFrom: string | null;
  /** Where it goes on after an interruption; null before the beginning. */
  readonly position: JsonText | null;
  /** How much there is to do; null while that is not known. */
  readonly total: number | null;
  readonly done: number;
  /** What was left as it was, for a reason. */
  readonly skipped: number;
  /** What could not be done, or is not as it should be. */
  readonly failed: number;
  /** What was not as it should be, and was mended. */
  readonly repaired: number;
  /** Interruptions since it last went on. */
  readonly attempts: number;
  readonly lastError: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** It is not worked at before this, in milliseconds since 1970. */
  readonly notBefore: number;
  /** Names the run that works at it, on which node, and until when it has it for itself unless it says more. */
  readonly claim: string | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: number;
}

/** Something that a task has to report. */
export interface TaskFindingRow {
  readonly taskId: string;
  /** 0, 1, 2 … in the order in which things were found. */
  readonly place: number;
  readonly kind: "skipped" | "failed" | "repaired";
  /** Identifier of the object, or what else it concerns. */
  readonly subject: string;
  readonly reason: string;
}

/** How far a run has come. */
export type TaskProgress = Pick<
  TaskRow,
  "position" | "total" | "done" | "skipped" | "failed" | "repaired" | "claimedUntil"
>;

/** The run that has a task for itself. */
export interface TaskClaim {
  readonly id: string;
  readonly claim: string;
}

/** Which tasks to list; what is absent does not restrict. */
export interface TaskFilter {
  readonly tenantId?: string;
  readonly kind?: string;
}

/** A place in the order in which the objects of a tenant were made. */
export interface ObjectPlace {
  readonly creationOrder: number;
  readonly id: string;
}

/** What a walk over all objects tells of each. */
export interface ObjectSighting extends ObjectPlace {
  readonly objectType: number;
  readonly custody: string;
  readonly keyEncryptionKeyVersion: number;
}
