import { type Change, change } from "#storage/changes.js";
import type { DestinationRow } from "#storage/destination-types.js";
import { newIdentifier } from "#storage/identifiers.js";

/** What may wait for a destination. */
export interface QueueLimits {
  /** Most messages that wait for one destination; one more is counted as dropped. */
  readonly maximumWaiting: number;
  /** How long a message waits before it is given up. */
  readonly lifetimeMilliseconds: number;
}

/** A message to be queued: the operation, the object, and what the operation needs to know beside it. */
export interface QueuedMessage {
  readonly operation: number;
  readonly objectId: string;
  readonly detail: object;
}

/** The change that has a message wait for a destination; `now` in milliseconds since 1970. */
export function queueFor(
  { id, tenantId }: Pick<DestinationRow, "id" | "tenantId">,
  { operation, objectId, detail }: QueuedMessage,
  { maximumWaiting, lifetimeMilliseconds }: QueueLimits,
  now: number,
): Change {
  const row = {
    id: newIdentifier(),
    tenantId,
    destinationId: id,
    queuedAt: now * 1000,
    operation,
    objectId,
    detail: JSON.stringify(detail),
    expiresAt: now + lifetimeMilliseconds,
  };
  return change("destinations", "queue", row, maximumWaiting);
}
