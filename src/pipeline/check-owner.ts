import { attributes } from "#protocol/attributes/definitions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { change } from "#storage/changes.js";
import type { ItemState } from "./item.js";

/** The operation policy of 1.x by which an object belongs to whoever made it (KMIP 1.4 §3.18). */
const ownersOnly = "default";

function isOwned(object: ManagedObject): boolean {
  return object.attributes.get(attributes.operationPolicyName) === ownersOnly;
}

/** Holds the object of an item against who made it. Throws KmipError `PermissionDenied`. */
export async function checkOwner(state: ItemState): Promise<void> {
  if (state.target !== undefined) await demandOwner(state, state.target);
}

/**
 * Among requests that show credentials, an object with the default operation policy is for the credential alone under
 * which it was made. Throws KmipError `PermissionDenied`.
 */
export async function demandOwner({ services, request }: ItemState, object: ManagedObject): Promise<void> {
  const { subject, tenantId } = request.caller;
  if (subject === undefined || !isOwned(object)) return;
  const row = await services.database.read.objectOwners.of(tenantId, object.id);
  if (row === null || row.owner === subject) return;
  throw new KmipError("PermissionDenied", "the object belongs to another credential");
}

/** Remembers under which credential objects with the default operation policy are made. */
export function recordOwner({ request, changes }: ItemState): void {
  const { subject: owner, tenantId } = request.caller;
  if (owner === undefined) return;
  for (const { object, isNew } of changes.changedObjects()) {
    if (!isNew || !isOwned(object)) continue;
    changes.add(change("objectOwners", "create", { tenantId, objectId: object.id, owner }));
  }
}
