import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeSet } from "./attribute-set.js";
import { isDestroyed } from "./lifecycle.js";
import type { ManagedObject } from "./managed-object.js";
import { type NewObjectFacts, newObject } from "./new-object.js";

/**
 * An object whose attributes are those the client supplies, whoever sets them otherwise; only what it leaves out is as
 * of a new object (KMIP 2.1 §6.1.25). An object that is supplied as destroyed has no material.
 */
export function importedObject(
  facts: Omit<NewObjectFacts, "digestFormat"> & { readonly digestFormat?: number | undefined },
  supplied: AttributeSet,
): ManagedObject {
  const { material } = facts;
  const object = newObject({ ...facts, digestFormat: facts.digestFormat ?? material?.keyFormatType });
  const set = supplied.names().reduce((sum, name) => sum.replace(name, supplied.instances(name)), object.attributes);
  return { ...object, attributes: set, material: isDestroyed(set.get(attributes.state)) ? null : material };
}
