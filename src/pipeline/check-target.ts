import { attributes } from "#protocol/attributes/definitions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { isDestroyed, stateAt, useRefusal } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { ObjectRules } from "#src/operations/contract/operation.js";
import { found, type ItemState } from "./item.js";

/** Checks everything the operation declares of its object. */
export function checkTarget(state: ItemState): void {
  const { target } = found(state.operation, "operation");
  if (target === undefined) return;
  checkObject(target, found(state.target, "object"), state.request.now);
}

/** Checks an object against rules, in the order in which the answers tell least. Throws KmipError. */
export function checkObject(rules: ObjectRules, object: ManagedObject, now: number): void {
  checkPresence(rules, object, now);
  checkType(rules, object);
  checkUse(rules, object, now);
}

function checkPresence(rules: ObjectRules, object: ManagedObject, now: number): void {
  if (!rules.destroyedAllowed && isDestroyed(stateAt(object.attributes, now))) {
    throw new KmipError("ObjectDestroyed", "the object is destroyed");
  }
  if (!rules.archivedAllowed && object.attributes.get(attributes.archiveDate) !== undefined) {
    throw new KmipError("ObjectArchived", "the object is archived; recover it first");
  }
}

function checkType(rules: ObjectRules, object: ManagedObject): void {
  if (rules.objectTypes === undefined || rules.objectTypes.has(object.objectType)) return;
  throw new KmipError("InvalidObjectType", "the operation does not work on objects of this type");
}

function checkUse(rules: ObjectRules, object: ManagedObject, now: number): void {
  if (rules.use === undefined) return;
  const { oneXReason } = rules.use;
  const mask = object.attributes.get(attributes.cryptographicUsageMask) ?? 0;
  if ((mask & rules.use.mask) === 0) {
    const message = "the key's usage mask does not allow this use";
    throw new KmipError("IncompatibleCryptographicUsageMask", message, { oneXReason });
  }
  const refusal = useRefusal(object.attributes, rules.use.kind, now);
  if (refusal !== undefined) throw new KmipError("WrongKeyLifecycleState", refusal, { oneXReason });
}
