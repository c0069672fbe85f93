import type { RaiseEvent } from "#src/audit/events/events.js";
import type { RootPartition } from "#src/crypto/port.js";
import type { ChangeSet } from "#src/inventory/change-set.js";
import type { ObjectStore, PartitionOf } from "#src/inventory/object-store.js";
import type { Change } from "#storage/changes.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import type { AuditPosition } from "#storage/types.js";

/** What long tasks work with. */
export interface TaskSurroundings {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly partitionOf: PartitionOf;
  readonly root: Pick<RootPartition, "unseal">;
  readonly nodeId: string;
  readonly log: DatabaseLogger;
  readonly raise: RaiseEvent;
  readonly auditAppended: (position: AuditPosition) => void;
  /** The changes that tell clients of a change of their objects. */
  readonly noticesOf: (tenantId: string, changes: ChangeSet) => Promise<readonly Change[]>;
  /** Calls that wait for the partition of a tenant now. */
  readonly pressure: (tenantId: string) => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Objects that one task works at together. */
  readonly concurrency: number;
  /** How long a key-encryption key that was replaced stays in the token at least, in seconds. */
  readonly retirementSeconds: number;
  /** How old what a crash may have left must be before it counts as left. */
  readonly abandonedMilliseconds: number;
  /** The checkpoints of the audit trail outside the database. */
  readonly checkpointFile: string;
}
