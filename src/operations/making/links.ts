import { attributes } from "#protocol/attributes/definitions.js";
import type { Link } from "#protocol/structures/attribute-values.js";
import { type ManagedObject, withAttributes } from "#src/objects/managed-object.js";

/** The object with one more Link (KMIP 2.1 §4.31). */
export function linked(object: ManagedObject, linkType: number, identifier: string): ManagedObject {
  const link = { linkType, linkedObjectIdentifier: { kind: "identifier", identifier } };
  return withAttributes(object, object.attributes.adding(attributes.link.name, link));
}

/** The identifier that the object's first Link of a type names, or undefined. */
export function linkOf({ attributes: set }: ManagedObject, linkType: number): string | undefined {
  const named = set.values(attributes.link).find((link) => link.linkType === linkType)?.linkedObjectIdentifier;
  return named?.kind === "identifier" ? named.identifier : undefined;
}

/** The object without its Links of a type. */
export function withoutLinks(object: ManagedObject, linkType: number): ManagedObject {
  const { name } = attributes.link;
  const left = object.attributes.instances(name).filter(({ value }) => (value as Link).linkType !== linkType);
  return withAttributes(object, object.attributes.replace(name, left));
}

/** The object with its Links of a type to one object made to name another, in their place. */
export function relinked(
  object: ManagedObject,
  linkType: number,
  change: { readonly from: string; readonly to: string },
): ManagedObject {
  const set = object.attributes.instances(attributes.link.name).reduce((sum, { index, value }) => {
    const { linkedObjectIdentifier: named } = value as Link;
    const concerned = (value as Link).linkType === linkType && named.kind === "identifier";
    if (!concerned || named.identifier !== change.from) return sum;
    const link = { linkType, linkedObjectIdentifier: { kind: "identifier", identifier: change.to } };
    return sum.changing(attributes.link.name, index, link);
  }, object.attributes);
  return withAttributes(object, set);
}
