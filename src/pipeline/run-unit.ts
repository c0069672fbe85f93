import type { Change } from "#storage/changes.js";
import { auditRecord } from "./audit-record.js";
import { commitAudited, commitWork, discardWork } from "./commit.js";
import { failureOf, isOutcomeUnknown } from "./failure.js";
import { type FinishedItem, type ItemStart, newChanges, runItemTogether } from "./run-item.js";
import type { Services } from "./services.js";

/** How a batch ended: its items in order, as far as they were run. */
export interface FinishedBatch {
  readonly items: readonly FinishedItem[];
  /** The successful items were taken back. */
  readonly undone: boolean;
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
  const last = items.at(-1);
  const takeBackFor = async (finished: readonly FinishedItem[], reason: unknown): Promise<FinishedBatch> => {
    await discardWork(services, changes, reason);
    return takeBack(services, finished, { settle, reason });
  };
  if (last?.error !== undefined) return takeBackFor(items, last.error);
  try {
    for (const each of await settle(items, false)) changes.add(each);
    await commitWork(services, request.caller.tenantId, changes, recordsOf(items, false));
    return { items, undone: false };
  } catch (thrown) {
    const { error, severity } = failureOf(thrown, request.correlationId);
    if (severity === "fault") {
      services.log.warn({ correlationId: request.correlationId, error: thrown }, "a batch could not be committed");
    }
    const failed = items.map((item, index) => (index === items.length - 1 ? { ...item, error } : item));
    return takeBackFor(failed, thrown);
  }
}

async function takeBack(
  services: Services,
  items: readonly FinishedItem[],
  { settle, reason }: { readonly settle: SettleUnit; readonly reason: unknown },
): Promise<FinishedBatch> {
  const correlationId = items[0]?.state.request.correlationId ?? "";
  try {
    await commitAudited(services, await settle(items, true), recordsOf(items, true));
    return { items, undone: true };
  } catch (thrown) {
    const { error } = failureOf(isOutcomeUnknown(reason) ? reason : thrown, correlationId);
    services.log.error({ correlationId, error: thrown }, "an undone batch could not be audited");
    return { items: items.map((item) => ({ ...item, error })), undone: true };
  }
}

function recordsOf(items: readonly FinishedItem[], undone: boolean): ReturnType<typeof auditRecord>[] {
  return items.map(({ state, error, microseconds }) => {
    if (error !== undefined) return auditRecord(state, { outcome: "failure", reason: error.reason, microseconds });
    const done = state.answer?.kind === "pending" ? "pending" : "success";
    return auditRecord(state, { outcome: undone ? "undone" : done, reason: null, microseconds });
  });
}
