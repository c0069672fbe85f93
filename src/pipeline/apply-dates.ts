import { attributes } from "#protocol/attributes/definitions.js";
import { ChangeSet } from "#src/inventory/change-set.js";
import { stateAt } from "#src/objects/lifecycle.js";
import { type ManagedObject, withAttributes } from "#src/objects/managed-object.js";
import { StorageError } from "#storage/errors.js";
import { commitWork } from "./commit.js";
import type { ItemState } from "./item.js";
import { aheadOfRequest } from "./open-outcome.js";

/**
 * Keeps the state that a date has brought an object to before anybody is told of it, so that a clock that is set back
 * afterwards takes nothing back (NIST SP 800-57 part 1 §7: no key returns to an earlier state). Gives the object as it
 * is kept then. Throws StorageError.
 */
export async function applyDates(
  { services, request, changes }: ItemState,
  object: ManagedObject,
): Promise<ManagedObject> {
  const set = object.attributes;
  const state = stateAt(set, request.now);
  if (state === set.get(attributes.state) || changes.pending(object.id) !== undefined) return object;
  const work = new ChangeSet();
  work.update(withAttributes(object, set.with(attributes.state, state)));
  try {
    await commitWork(services, { tenantId: object.tenantId, changes: work, records: [] });
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== "conflict") throw aheadOfRequest(error);
  }
  return (await services.store.find(object.tenantId, object.id)) ?? object;
}
