import { tokenReference } from "#src/inventory/key-keeper.js";
import type { PartitionOf } from "#src/inventory/object-store.js";
import { change } from "#storage/changes.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { AuditRecord, IntentRow } from "#storage/types.js";

/** What settling intents works with. */
export interface SettleOptions {
  readonly database: Database;
  readonly partitionOf: PartitionOf;
  readonly log: DatabaseLogger;
  /** Only those of this tenant, where given. */
  readonly tenantId?: string;
  /** In whose name the audit trail says so; the server's where left out. */
  readonly inName?: Pick<AuditRecord, "clientName" | "certificateFingerprint" | "sourceAddress">;
  /** Told of each that was settled. */
  readonly settled?: (intent: IntentRow) => void;
}

/** Intents read in one go. */
const batch = 100;

/**
 * Settles what a crash left between a token and the database: an intent that is still open names a key that no object
 * has (its creation never committed, or its destruction did), so the key is removed from the token and the intent
 * closed, with an audit record. Intents younger than `olderThanMilliseconds` may belong to requests under way.
 * Gives the number settled; one that cannot be settled now is logged and left for the next time.
 */
export async function settleIntents(options: SettleOptions, olderThanMilliseconds: number): Promise<number> {
  const before = Date.now() - olderThanMilliseconds;
  for (let settled = 0; ; ) {
    const open = await pageOf(options, before);
    const inThisPage = await settlePage(options, open);
    settled += inThisPage;
    if (open.length < batch || inThisPage === 0) return settled;
  }
}

function pageOf({ database, tenantId }: SettleOptions, before: number): Promise<IntentRow[]> {
  const { intents } = database.read;
  return tenantId === undefined ? intents.olderThan(before, batch) : intents.ofTenant(tenantId, before, batch);
}

async function settlePage(options: SettleOptions, open: readonly IntentRow[]): Promise<number> {
  let settled = 0;
  for (const intent of open) {
    try {
      await settle(options, intent);
      settled += 1;
      options.settled?.(intent);
    } catch (error) {
      if (error instanceof StorageError && error.code === "conflict") continue;
      options.log.error(
        { error, intent: intent.id, objectId: intent.objectId },
        "an interrupted key change stays open",
      );
    }
  }
  return settled;
}

/**
 * Settles one intent:
 *  1. the intent becomes one of ours; whoever made it and still works on it can no longer commit, since its commit
 *     closes the intent it opened, and one that has committed leaves us nothing to close: the key is not touched;
 *  2. the key is removed from the token; a crash now leaves our intent, and removing a key twice is no error;
 *  3. our intent is closed.
 */
async function settle({ database, partitionOf, log, inName }: SettleOptions, intent: IntentRow): Promise<void> {
  const { keyClass } = JSON.parse(intent.detail) as { keyClass: string };
  const ours: IntentRow = { ...intent, id: newIdentifier(), kind: "destroy" };
  await database.commit([change("intents", "close", intent.id), change("intents", "open", ours)]);
  if (intent.tokenId !== null) {
    const partition = await partitionOf(intent.tenantId);
    await partition.destroyKey(tokenReference(intent.objectId, Buffer.from(intent.tokenId), keyClass));
  }
  await database.commit([
    change("intents", "close", ours.id),
    change("audit", "append", { ...recordOf(intent), ...inName }),
  ]);
  log.warn(
    { kind: intent.kind, objectId: intent.objectId, tenantId: intent.tenantId },
    "settled an interrupted key change",
  );
}

function recordOf(intent: IntentRow): AuditRecord {
  return {
    tenantId: intent.tenantId,
    timeMs: Date.now(),
    eventId: newIdentifier(),
    clientId: null,
    clientName: "server",
    certificateFingerprint: null,
    sourceAddress: null,
    protocolVersion: null,
    operation: "Settle Interrupted Key Change",
    objectId: intent.objectId,
    partition: null,
    outcome: "success",
    resultReason: null,
    durationMicroseconds: null,
    correlationId: intent.id,
    detail: JSON.stringify({ kind: intent.kind }),
  };
}
