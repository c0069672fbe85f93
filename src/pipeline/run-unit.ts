import type { KmipError } from "#src/objects/kmip-error.js";
import type { Change } from "#storage/changes.js";
import { auditRecord } from "./audit-record.js";
import { commitEnding, commitWork, discardWork } from "./commit.js";
import type { Ending } from "./commit-audited.js";
import { failureOf, isOutcomeUnknown } from "./failure.js";
import { NotCommitted } from "./open-outcome.js";
import { type FinishedItem, type ItemStart, newChanges, runItemTogether } from "./run-item.js";
import type { Services } from "./services.js";

/** How a batch ended: its items in order, as far as they were run. */
export interface FinishedBatch {
  readonly items: readonly FinishedItem[];
  /** The successful items were taken back. */
  readonly undone: boolean;
  /** Nothing of its end is known to stand in the database, which does not take it: it may be tried again. */
  readonly isOpen?: boolean;
}

/** Gives what is to be committed with the end of a whole batch. */
export type SettleUnit = (items: readonly FinishedItem[], undone: boolean) => Promise<readonly Change[]>;

const nothingElse: SettleUnit = async () => [];

/** Runs the items of a batch as one unit of work, committed whole or not at all (KMIP 2.1 §9.6, Undo). */
export async function runUnit(
  services: Services,
  starts: readonly ItemStart[],
  settle: SettleUnit = nothingElse,
): Promise<FinishedBatch> {
  const [first] = starts;
  if (first === undefined) return { items: [], undone: false };
  const { request } = first;
  const changes = newChanges(request);
  const items: FinishedItem[] = [];
  for (const start of starts) {
    const finished = await runItemTogether(start, changes);
    items.push(finished);
    if (finished.error !== undefined) break;
  }
  const undone = async (finished: readonly FinishedItem[]): Promise<Ending> => ({
    changes: await settle(finished, true),
    records: recordsOf(finished, true),
  });
  if (items.at(-1)?.error !== undefined) {
    await discardWork(services, changes, items.at(-1)?.error);
    return takeBack(services, items, undone);
  }
  try {
    for (const each of await settle(items, false)) changes.add(each);
    const records = recordsOf(items, false);
    const instead = (reason: unknown) => undone(failedAtEnd(items, failureOf(reason, request.correlationId).error));
    await commitWork(services, { tenantId: request.caller.tenantId, changes, records, instead });
    return { items, undone: false };
  } catch (thrown) {
    const { error, severity } = failureOf(thrown, request.correlationId);
    if (severity === "fault") {
      services.log.warn({ correlationId: request.correlationId, error: thrown }, "a batch could not be committed");
    }
    await discardWork(services, changes, thrown);
    if (isOutcomeUnknown(thrown)) return openBatch(items, error);
    const failed = failedAtEnd(items, error);
    return thrown instanceof NotCommitted ? { items: failed, undone: true } : takeBack(services, failed, undone);
  }
}

/** A batch whose commit failed: its last item is what failed. */
function failedAtEnd(items: readonly FinishedItem[], error: KmipError): readonly FinishedItem[] {
  return items.map((item, index) => (index === items.length - 1 ? { ...item, error } : item));
}

async function takeBack(
  services: Services,
  items: readonly FinishedItem[],
  undone: (items: readonly FinishedItem[]) => Promise<Ending>,
): Promise<FinishedBatch> {
  const correlationId = items[0]?.state.request.correlationId ?? "";
  try {
    await commitEnding(services, await undone(items));
    return { items, undone: true };
  } catch (thrown) {
    const { error } = failureOf(thrown, correlationId);
    services.log.error({ correlationId, error: thrown }, "an undone batch could not be audited");
    return openBatch(items, error);
  }
}

/** A batch of which nobody knows how it ended. */
function openBatch(items: readonly FinishedItem[], error: KmipError): FinishedBatch {
  return { items: items.map((item) => ({ ...item, error })), undone: true, isOpen: true };
}

function recordsOf(items: readonly FinishedItem[], undone: boolean): ReturnType<typeof auditRecord>[] {
  return items.map(({ state, error, microseconds }) => {
    if (error !== undefined) return auditRecord(state, { outcome: "failure", reason: error.reason, microseconds });
    const done = state.answer?.kind === "pending" ? "pending" : "success";
    return auditRecord(state, { outcome: undone ? "undone" : done, reason: null, microseconds });
  });
}
