import { CancellationResult, Operation } from "#protocol/enums/index.js";
import { cancelRequest, cancelResponse } from "#protocol/payloads/cancel.js";
import type { AsynchronousRequestRow } from "#storage/asynchronous-types.js";
import { change } from "#storage/changes.js";
import { checkCorrelationValue } from "./asynchronous/naming.js";
import { defineOperation } from "./contract/operation.js";

/** What is said of a request that has ended already (KMIP 2.1 §11.7). */
const ended: Readonly<Record<Exclude<AsynchronousRequestRow["state"], "submitted" | "running">, number>> = {
  succeeded: CancellationResult.Completed,
  failed: CancellationResult.Failed,
  undone: CancellationResult.Failed,
  canceled: CancellationResult.Canceled,
};

/**
 * Cancel (KMIP 2.1 §6.1.5). A request that is being worked on is canceled too: its run can then no longer commit what
 * it did. One item of a batch that is a unit of work cannot be taken out of it.
 */
export const cancel = defineOperation({
  code: Operation.Cancel,
  name: "Cancel",
  versions: {},
  request: cancelRequest,
  response: cancelResponse,
  permission: "inquire",
  asynchrony: "never",
  undo: "impossible",
  async run({ asynchronous, changes }, { asynchronousCorrelationValue }) {
    checkCorrelationValue(asynchronousCorrelationValue);
    const row = await asynchronous.find(asynchronousCorrelationValue);
    const answer = (cancellationResult: number) => ({ asynchronousCorrelationValue, cancellationResult });
    if (row === undefined) return answer(CancellationResult.Unavailable);
    const { tenantId, id, state } = row;
    if (state !== "submitted" && state !== "running") {
      changes.add(asynchronous.obtained(row));
      return answer(ended[state]);
    }
    if (row.isUnit) return answer(CancellationResult.UnableToCancel);
    changes.add(change("asynchronousRequests", "cancel", tenantId, id));
    changes.add(asynchronous.obtained(row));
    return answer(CancellationResult.Canceled);
  },
});
