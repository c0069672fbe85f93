import type { ChangeSet } from "#src/inventory/change-set.js";
import { type Change, change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import type { AuditPosition, AuditRecord } from "#storage/types.js";
import type { Services } from "./services.js";

/** Commits changes together with audit records, durably, and reports where the records came to stand. */
export async function commitAudited(
  services: Services,
  changes: readonly Change[],
  records: readonly AuditRecord[],
): Promise<void> {
  const appended = records.map((record) => change("audit", "append", record));
  const results = await services.database.commit([...changes, ...appended]);
  for (const position of results.slice(changes.length)) services.auditAppended(position as AuditPosition);
}

/**
 * Makes a unit of work true: its changes and its audit records in one transaction, durable when this resolves.
 * Throws StorageError or CryptoError, and then nothing of it happened but what the audit still has to say.
 */
export async function commitWork(
  services: Services,
  tenantId: string,
  changes: ChangeSet,
  records: readonly AuditRecord[],
): Promise<void> {
  const { store, outbox } = services;
  const hold = store.hold(changes);
  let hasNotices: boolean;
  try {
    const prepared = await store.prepare(tenantId, changes);
    const notices = await outbox.noticesOf(tenantId, changes);
    hasNotices = notices.length > 0;
    await hold.taken();
    await commitAudited(services, [...prepared, ...notices], records);
  } catch (error) {
    store.refused(changes, hold, error);
    throw error;
  }
  store.committed(changes, hold);
  if (hasNotices) outbox.queued();
  await followUp(services, changes);
}

/** Removes destroyed keys from the token and closes their intents; what fails here the sweep does again. */
async function followUp(services: Services, changes: ChangeSet): Promise<void> {
  try {
    for (const step of changes.followUpSteps()) await step();
    const settlements = changes.settlementRows();
    if (settlements.length > 0) await services.database.commit(settlements);
  } catch (error) {
    services.log.error({ error }, "a destroyed key could not be removed from the token yet; it will be tried again");
  }
}

/**
 * Drops a unit of work for a reason: keys it made in the token are removed; their intents stay for the sweep. Where the
 * reason leaves open whether the work was committed, the keys may have their rows: the sweep finds out by the intents.
 */
export async function discardWork(services: Services, changes: ChangeSet, reason: unknown): Promise<void> {
  if (reason instanceof StorageError && reason.outcomeUnknown) return;
  for (const step of changes.reversalSteps()) {
    try {
      await step();
    } catch (error) {
      services.log.error({ error }, "a key of an undone request could not be removed from the token yet");
    }
  }
}
