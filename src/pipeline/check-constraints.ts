import { toCanonicalText } from "#src/objects/attribute-document.js";
import { violatedConstraint } from "#src/objects/constraints.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ItemState } from "./item.js";

/**
 * Holds what an operation made or changed against the tenant's constraints (KMIP 2.1 §6.1.52), whatever the operation:
 * new objects as a whole, others in the attributes that have changed. Throws KmipError `ConstraintViolation`.
 */
export async function checkConstraints({ services, request, changes }: ItemState): Promise<void> {
  const { constraints } = request.caller.settings;
  if (constraints.constraint.length === 0) return;
  for (const { object, isNew } of changes.changedObjects()) {
    const before = isNew ? undefined : await services.store.find(object.tenantId, object.id);
    const hasChanged = (name: string): boolean =>
      before === undefined ||
      toCanonicalText(before.attributes.instances(name)) !== toCanonicalText(object.attributes.instances(name));
    const violated = violatedConstraint(constraints, object, hasChanged);
    if (violated === undefined) continue;
    throw new KmipError("ConstraintViolation", `a constraint of the tenant does not allow this "${violated}"`);
  }
}
