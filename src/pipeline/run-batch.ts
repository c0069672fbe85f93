import { BatchErrorContinuationOption } from "#protocol/enums/index.js";
import type { RequestMessage } from "#protocol/messages/message.js";
import type { RequestContext } from "#src/operations/contract/context.js";
import { auditRecord } from "./audit-record.js";
import { commitAudited, commitWork, discardWork } from "./commit.js";
import { failureOf } from "./failure.js";
import { Placeholder } from "./placeholder.js";
import { continuationOf } from "./read-message.js";
import { type FinishedItem, newChanges, runItemAlone, runItemTogether } from "./run-item.js";
import type { Services } from "./services.js";

/** How a batch ended: its items in order, as far as they were run. */
export interface FinishedBatch {
  readonly items: readonly FinishedItem[];
  /** The successful items were taken back. */
  readonly undone: boolean;
}

/**
 * Runs the items of a batch in their order, which is allowed whatever Batch Order Option says (KMIP 2.1 §9.8).
 * Continue and Stop make each item durable by itself; Undo makes the batch one unit of work, committed whole or not
 * at all (KMIP 2.1 §9.6).
 */
export async function runBatch(
  services: Services,
  request: RequestContext,
  message: RequestMessage,
): Promise<FinishedBatch> {
  const continuation = continuationOf(message);
  if (continuation === BatchErrorContinuationOption.Undo && message.batchItems.length > 1) {
    return runUndoable(services, request, message);
  }
  const placeholder = new Placeholder();
  const items: FinishedItem[] = [];
  for (const tree of message.batchItems) {
    const finished = await runItemAlone({ services, request, placeholder, tree });
    items.push(finished);
    if (finished.error !== undefined && continuation === BatchErrorContinuationOption.Stop) break;
  }
  return { items, undone: false };
}

async function runUndoable(
  services: Services,
  request: RequestContext,
  message: RequestMessage,
): Promise<FinishedBatch> {
  const changes = newChanges(request);
  const placeholder = new Placeholder();
  const items: FinishedItem[] = [];
  for (const tree of message.batchItems) {
    const finished = await runItemTogether({ services, request, placeholder, tree }, changes);
    items.push(finished);
    if (finished.error !== undefined) break;
  }
  const last = items.at(-1);
  if (last?.error !== undefined)
    return takeBack(services, request, items, () => discardWork(services, changes, last.error));
  try {
    await commitWork(services, request.caller.tenantId, changes, recordsOf(items, false));
    return { items, undone: false };
  } catch (thrown) {
    const { error } = failureOf(thrown, request.correlationId);
    services.log.warn({ correlationId: request.correlationId, error: thrown }, "a batch could not be committed");
    const failed = items.map((item, index) => (index === items.length - 1 ? { ...item, error } : item));
    return takeBack(services, request, failed, () => discardWork(services, changes, thrown));
  }
}

async function takeBack(
  services: Services,
  request: RequestContext,
  items: readonly FinishedItem[],
  discard: () => Promise<void>,
): Promise<FinishedBatch> {
  await discard();
  try {
    await commitAudited(services, [], recordsOf(items, true));
    return { items, undone: true };
  } catch (thrown) {
    const { error } = failureOf(thrown, request.correlationId);
    services.log.error({ correlationId: request.correlationId, error: thrown }, "an undone batch could not be audited");
    return { items: items.map((item) => ({ ...item, error })), undone: true };
  }
}

function recordsOf(items: readonly FinishedItem[], undone: boolean): ReturnType<typeof auditRecord>[] {
  return items.map(({ state, error, microseconds }) => {
    if (error !== undefined) return auditRecord(state, { outcome: "failure", reason: error.reason, microseconds });
    return auditRecord(state, { outcome: undone ? "undone" : "success", reason: null, microseconds });
  });
}
