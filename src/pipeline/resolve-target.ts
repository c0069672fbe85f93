import { ObjectTypeTable } from "#protocol/enums/objects.js";
import { isKnownIn } from "#protocol/enums/table.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { applyDates } from "./apply-dates.js";
import { found, type ItemState } from "./item.js";
import { inventoryWithin } from "./reachable.js";

/** Identifiers of this server have 36 characters; of what else clients send, this much goes into the audit. */
const longestRecordedIdentifier = 128;

/**
 * Loads the object the request names, if the operation works on one. Another tenant's object answers like one that
 * never was: the search is the caller's tenant's alone. So does an object of a type that the version does not know.
 */
export async function resolveTarget(state: ItemState): Promise<void> {
  const { target } = found(state.operation, "operation");
  if (target === undefined) return;
  const identifier = state.placeholder.resolve(target.naming(state.payload));
  state.objectId = recordedIdentifier(identifier);
  state.target = await findObject(state, identifier);
}

/** An identifier as the audit records it. */
export function recordedIdentifier(identifier: string): string {
  return identifier.slice(0, longestRecordedIdentifier);
}

/**
 * The object of the caller's tenant with this identifier, as far as the ticket of the request reaches. Throws KmipError
 * where there is none.
 */
export async function findObject(state: ItemState, identifier: string): Promise<ManagedObject> {
  const object = await inventoryWithin(state).find(identifier);
  if (object === undefined || !isKnownIn(ObjectTypeTable, object.objectType, state.request.version))
    throw new KmipError("ItemNotFound", "there is no such object");
  return applyDates(state, object);
}
