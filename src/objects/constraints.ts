import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import type { Constraints } from "#protocol/structures/defaults.js";
import { toCanonicalText } from "./attribute-document.js";
import type { AttributeSet } from "./attribute-set.js";
import type { ManagedObject } from "./managed-object.js";

type Constraint = Constraints["constraint"][number];

/** Whether a constraint is about an object: of one of its types and in one of its groups, where it names any. */
function concerns({ objectTypes, objectGroups }: Constraint, { objectType, attributes: set }: ManagedObject): boolean {
  if (objectTypes !== undefined && !objectTypes.objectType.includes(objectType)) return false;
  if (objectGroups === undefined) return true;
  return set.values(attributes.objectGroup).some((group) => objectGroups.objectGroup.includes(group));
}

/** Values of one attribute that a constraint allows: a mask allows its bits, all else has to be equal. */
function allows(wanted: readonly AttributeInstance[], name: string, value: unknown): boolean {
  if (name === attributes.cryptographicUsageMask.name) {
    return typeof value === "number" && wanted.some((each) => (value & ~Number(each.value)) === 0);
  }
  const text = toCanonicalText(value);
  return wanted.some((each) => toCanonicalText(each.value) === text);
}

function isMet(set: AttributeSet, wanted: readonly AttributeInstance[], name: string): boolean {
  const instances = set.instances(name);
  return instances.length > 0 && instances.every(({ value }) => allows(wanted, name, value));
}

/**
 * The name of the first attribute by which an object violates a constraint (KMIP 2.1 §7.6), or undefined: each attribute
 * that a constraint names has to be there, with one of the values it is named with. Only attributes that `isChecked`
 * are looked at.
 */
export function violatedConstraint(
  { constraint: list }: Constraints,
  object: ManagedObject,
  isChecked: (name: string) => boolean,
): string | undefined {
  for (const constraint of list) {
    if (!concerns(constraint, object)) continue;
    for (const name of new Set(constraint.attributes.map((each) => each.name))) {
      const wanted = constraint.attributes.filter((each) => each.name === name);
      if (isChecked(name) && !isMet(object.attributes, wanted, name)) return name;
    }
  }
  return undefined;
}
