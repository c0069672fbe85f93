import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { ObjectClass, ObjectType } from "#protocol/enums/index.js";
import { type ProtocolVersion, V1_4, V2_0, V3_0 } from "#protocol/versions.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { stateAt } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";

/** Attributes told first, in this order; vendor attributes stand before them and all others behind, by name. */
const leading: readonly string[] = [
  attributes.uniqueIdentifier.name,
  attributes.shortUniqueIdentifier.name,
  attributes.objectType.name,
  attributes.cryptographicAlgorithm.name,
  attributes.cryptographicLength.name,
];

/** The attributes of an object as a reader of a version sees them now: the state follows the dates that have come. */
export function readableAttributes(object: ManagedObject, now: number, version: ProtocolVersion): AttributeSet {
  const { objectType, attributes: set } = object;
  const stated = set.with(attributes.state, stateAt(set, now));
  const current = version < V3_0 ? stated : stated.with(attributes.objectClass, ObjectClass.User);
  return notInOneX.reduce(
    (sum, { definition }) => (hasAttribute(definition, objectType, version) ? sum : sum.without(definition.name)),
    current,
  );
}

/** Whether objects of a type have an attribute in a version. */
export function hasAttribute(
  { name }: { readonly name: string },
  objectType: number,
  version: ProtocolVersion,
): boolean {
  const row = notInOneX.find(({ definition }) => definition.name === name);
  return version >= V2_0 || row?.types.has(objectType) !== true;
}

/** Attributes that in 1.x objects of some types do not have, while in 2.x all have them (KMIP 1.4 §3, Appendix B). */
const notInOneX: readonly { readonly definition: { readonly name: string }; readonly types: ReadonlySet<number> }[] = [
  { definition: attributes.state, types: new Set([ObjectType.OpaqueObject, ObjectType.Template]) },
  { definition: attributes.leaseTime, types: new Set([ObjectType.OpaqueObject]) },
  { definition: attributes.fresh, types: new Set([ObjectType.OpaqueObject, ObjectType.PGPKey]) },
];

function rank(name: string): number {
  if (name.startsWith("x-") || name.startsWith("y-") || name.includes("/")) return -1;
  const place = leading.indexOf(name);
  return place < 0 ? leading.length : place;
}

/** Attributes that came with one edition and are told unasked only from the next on (docs/choices.md). */
const unaskedSince: ReadonlyMap<string, ProtocolVersion> = new Map([[attributes.randomNumberGenerator.name, V1_4]]);

/** Names of all attributes of a set that a version is told unasked, in a stable order. */
export function listedNames(set: AttributeSet, version: ProtocolVersion): readonly string[] {
  return set
    .names()
    .filter((name) => version >= (unaskedSince.get(name) ?? 0))
    .sort((first, second) => rank(first) - rank(second) || (first < second ? -1 : 1));
}

/** The instances of the named attributes the set has, in the order of the names; absent ones are left out. */
export function instancesOf(set: AttributeSet, names: readonly string[]): readonly AttributeInstance[] {
  return names.flatMap((name) => set.of(name));
}
