import type { ChangeSet } from "#src/inventory/change-set.js";
import type { Change } from "#storage/changes.js";
import type { AuditRecord } from "#storage/types.js";
import { commitAudited, type Ending } from "./commit-audited.js";
import { isOutcomeUnknown } from "./failure.js";
import { type NotCommitted, outcomePatience, settleOutcome } from "./open-outcome.js";
import type { Services } from "./services.js";

/** A unit of work. */
export interface Work {
  readonly tenantId: string;
  readonly changes: ChangeSet;
  readonly records: readonly AuditRecord[];
  /**
   * Gives its failure, under the same event identifiers, for where an interruption of the commit kept it from happening.
   * Absent where nobody is told of the work by itself.
   */
  readonly instead?: (reason: NotCommitted) => Promise<Ending>;
}

/**
 * Makes a unit of work true: its changes and its audit records in one transaction, durable when this resolves. Throws
 * StorageError or CryptoError, and then nothing of it happened but what the audit still has to say: NotCommitted where
 * that stands already. An error of unknown outcome is thrown where the commit was interrupted and the database does not
 * tell in time what became of it.
 */
export async function commitWork(services: Services, work: Work): Promise<void> {
  const { store, outbox } = services;
  const { tenantId, changes } = work;
  const hold = store.hold(changes);
  let hasNotices: boolean;
  let isFoundOut: boolean;
  try {
    const prepared = await store.prepare(tenantId, changes);
    const notices = await outbox.noticesOf(tenantId, changes);
    hasNotices = notices.length > 0;
    await hold.taken();
    isFoundOut = await commitOrFindOut(services, work, [...prepared, ...notices]);
  } catch (error) {
    store.refused(changes, hold, error);
    throw error;
  }
  store.committed(changes, hold, isFoundOut);
  if (hasNotices) outbox.queued();
  await followUp(services, changes);
}

/** Commits; gives whether that this happened had to be found out. */
async function commitOrFindOut(services: Services, work: Work, rows: readonly Change[]): Promise<boolean> {
  const { changes, records, instead } = work;
  const until = performance.now() + outcomePatience.longest;
  try {
    await commitAudited(services, { changes: rows, records });
    return false;
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    const doubt = services.store.doubt(changes);
    try {
      if (instead === undefined) throw error;
      await settleOutcome(services, { records, reason: error, instead, until });
    } finally {
      void doubt.release();
    }
    const { correlationId } = records[0] ?? {};
    services.log.warn({ correlationId, error }, "the answer to a commit was lost; it is found out that it happened");
    return true;
  }
}

/**
 * Records how something ended. Where the commit is interrupted, it is done again until it is there, and it is there once
 * only. Throws StorageError.
 */
export async function commitEnding(services: Services, ending: Ending): Promise<void> {
  const until = performance.now() + outcomePatience.longest;
  try {
    await commitAudited(services, ending);
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    await settleOutcome(services, { records: ending.records, reason: error, instead: async () => ending, until });
  }
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
  if (isOutcomeUnknown(reason)) return;
  for (const step of changes.reversalSteps()) {
    try {
      await step();
    } catch (error) {
      services.log.error({ error }, "a key of an undone request could not be removed from the token yet");
    }
  }
}
