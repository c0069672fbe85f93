import { attributes } from "#protocol/attributes/definitions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { isDestroyed, stateAt, useRefusal } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { Target } from "#src/operations/contract/operation.js";
import { found, type ItemState } from "./item.js";

/** Checks everything the operation declares of its object, in the order in which the answers tell least. */
export function checkTarget(state: ItemState): void {
  const { target } = found(state.operation, "operation");
  if (target === undefined) return;
  const object = found(state.target, "object");
  checkPresence(target, object, state.request.now);
  checkType(target, object);
  checkUse(target, object, state.request.now);
}

function checkPresence(target: Target<unknown>, object: ManagedObject, now: number): void {
  if (!target.destroyedAllowed && isDestroyed(stateAt(object.attributes, now))) {
    throw new KmipError("ObjectDestroyed", "the object is destroyed");
  }
  if (!target.archivedAllowed && object.attributes.get(attributes.archiveDate) !== undefined) {
    throw new KmipError("ObjectArchived", "the object is archived; recover it first");
  }
}

function checkType(target: Target<unknown>, object: ManagedObject): void {
  if (target.objectTypes === undefined || target.objectTypes.has(object.objectType)) return;
  throw new KmipError("InvalidObjectType", "the operation does not work on objects of this type");
}

function checkUse(target: Target<unknown>, object: ManagedObject, now: number): void {
  if (target.use === undefined) return;
  const mask = object.attributes.get(attributes.cryptographicUsageMask) ?? 0;
  if ((mask & target.use.mask) === 0) {
    throw new KmipError("IncompatibleCryptographicUsageMask", "the key's usage mask does not allow this use");
  }
  const refusal = useRefusal(object.attributes, target.use.kind, now);
  if (refusal !== undefined) throw new KmipError("WrongKeyLifecycleState", refusal);
}
