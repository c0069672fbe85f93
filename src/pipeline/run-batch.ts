import { BatchErrorContinuationOption } from "#protocol/enums/index.js";
import type { RequestMessage } from "#protocol/messages/message.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { RequestContext } from "#src/operations/contract/context.js";
import type { Operation } from "#src/operations/contract/operation.js";
import { Deferral } from "./asynchronous/deferral.js";
import { Placeholder } from "./placeholder.js";
import { continuationOf } from "./read-message.js";
import type { ResponseRoom } from "./response-room.js";
import { type FinishedItem, type ItemStart, runItemAlone } from "./run-item.js";
import { type FinishedBatch, runUnit } from "./run-unit.js";
import type { Services } from "./services.js";

/**
 * Runs the items of a batch in their order, which is allowed whatever Batch Order Option says (KMIP 2.1 §9.8).
 * Continue and Stop make each item durable by itself; Undo makes the batch one unit of work (KMIP 2.1 §9.6).
 */
export async function runBatch(
  services: Services,
  request: RequestContext,
  message: RequestMessage,
  room: ResponseRoom | undefined,
): Promise<FinishedBatch> {
  const continuation = continuationOf(message);
  const deferral = new Deferral(services, request);
  const placeholder = new Placeholder();
  const timeIsUp = timeBudget(services);
  const refusal = (): KmipError | undefined => room?.refusal ?? timeIsUp();
  const starts = message.batchItems.map(
    (tree): ItemStart => ({ services, request, placeholder, tree, deferral, refusal, room }),
  );
  if (continuation === BatchErrorContinuationOption.Undo && starts.length > 1) {
    return runUndoable(services, starts, deferral);
  }
  const items: FinishedItem[] = [];
  for (const start of starts) {
    const finished = await runItemAlone(start);
    items.push(finished);
    if (finished.error !== undefined && continuation === BatchErrorContinuationOption.Stop) break;
  }
  return { items, undone: false };
}

/**
 * A batch that is to be undone as a whole is refused before it starts where one of its operations could not be taken
 * back. It is put off as a whole, or not at all where one of its operations is never put off.
 */
async function runUndoable(
  services: Services,
  starts: readonly ItemStart[],
  deferral: Deferral,
): Promise<FinishedBatch> {
  if (starts.some(({ tree }) => isLasting(services, tree))) {
    const words = "an operation of the batch cannot be undone, so nothing of the batch was done";
    const refusal = new KmipError("FeatureNotSupported", words);
    const items: FinishedItem[] = [];
    for (const start of starts) items.push(await runItemAlone({ ...start, refusal: () => refusal }));
    return { items, undone: false };
  }
  const isPutOff =
    deferral.isDemanded && starts.every(({ tree }) => operationOf(services, tree)?.asynchrony !== "never");
  if (isPutOff) return runUnit(services, starts);
  return runUnit(
    services,
    starts.map(({ deferral: _none, ...start }) => start),
  );
}

/** Refuses items that have not begun when the time for one request is used up. */
function timeBudget({ clock, limits }: Services): () => KmipError | undefined {
  const end = clock.steadyMicroseconds() + limits.requestMilliseconds * 1000;
  return () =>
    clock.steadyMicroseconds() < end
      ? undefined
      : new KmipError("ServerLimitExceeded", "the time for one request is used up; send fewer items at once");
}

function isLasting(services: Services, tree: Item): boolean {
  return operationOf(services, tree)?.undo === "impossible";
}

function operationOf(services: Services, tree: Item): Operation | undefined {
  const children = tree.type === ItemType.Structure ? tree.value : [];
  const operation = children.find(({ tag }) => tag === Tag.Operation);
  return operation?.type === ItemType.Enumeration ? services.operation(operation.value) : undefined;
}
