import type { RequestBatchItem } from "#protocol/messages/message.js";
import type { Item } from "#protocol/ttlv/item.js";
import type { ChangeSet } from "#src/inventory/change-set.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { RequestContext } from "#src/operations/contract/context.js";
import type { ItemAnswer } from "#src/operations/contract/item-answer.js";
import type { Operation, PlaceholderValues } from "#src/operations/contract/operation.js";
import type { Placeholder } from "./placeholder.js";
import type { Services } from "./services.js";

/** One batch item on its way through the steps. Each step reads what those before it found and adds its own. */
export interface ItemState {
  readonly services: Services;
  readonly request: RequestContext;
  readonly placeholder: Placeholder;
  readonly changes: ChangeSet;
  /** The batch item as it came. */
  readonly tree: Item;
  /** Identifier of the one audit record that tells how the item ended: the database takes no second one. */
  readonly eventId: string;
  /** What the answer repeats of the item. */
  echo?: { readonly operation: number | undefined; readonly uniqueBatchItemId: Buffer | undefined };
  item?: RequestBatchItem;
  operation?: Operation;
  payload?: unknown;
  target?: ManagedObject;
  /** Identifier of the object concerned, as soon as it is known: for the audit, found or not. */
  objectId?: string;
  /** The payload of the answer, written in the version of the request. */
  responsePayload?: Item;
  /** Words of the operation for the audit record. */
  notes?: Readonly<Record<string, string>>;
  /** How the item is answered, where not by the success of its operation. */
  answer?: ItemAnswer;
  /** What the operation leaves for later items. */
  placeholderValues?: PlaceholderValues;
  /** The output that later items may refer to, under its value of the Data enumeration. */
  output?: { readonly reference: number; readonly value: Buffer };
}

/** One step. Throws KmipError to end the item with a failure. */
export type Step = (state: ItemState) => void | Promise<void>;

/** A part of the state that a step before must have set. Throws TypeError where none did: a fault of the step list. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TypeError(`the pipeline reached a step before it knew the ${what}`);
  return value;
}
