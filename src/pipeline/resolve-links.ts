import { attributes } from "#protocol/attributes/definitions.js";
import { isRequestedAttributes } from "#protocol/attributes/fields.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import type { Link } from "#protocol/structures/attribute-values.js";
import type { ItemState } from "./item.js";
import type { Placeholder } from "./placeholder.js";

/**
 * Puts the identifiers that earlier items told in the place of the references of Links to them, wherever a payload has
 * attributes: what is kept names objects for good (KMIP 2.1 §4.31). Throws KmipError for a reference to nothing.
 */
export function resolveLinks(state: ItemState): void {
  const payload = state.payload as Readonly<Record<string, unknown>> | undefined;
  for (const [field, value] of Object.entries(payload ?? {})) {
    const resolved = resolvedIn(value, state.placeholder);
    if (resolved !== value) state.payload = { ...(state.payload as object), [field]: resolved };
  }
}

function resolvedIn(value: unknown, placeholder: Placeholder): unknown {
  if (isReferringLink(value)) return resolvedLink(value, placeholder);
  if (Array.isArray(value)) {
    return value.some(isReferringLink) ? value.map((each: unknown) => resolvedIn(each, placeholder)) : value;
  }
  if (!isRequestedAttributes(value) || !value.attributes.some(isReferringLink)) return value;
  return { ...value, attributes: resolvedIn(value.attributes, placeholder) };
}

function isReferringLink(value: unknown): value is AttributeInstance & { readonly value: Link } {
  if (typeof value !== "object" || value === null || !("name" in value) || !("value" in value)) return false;
  if (value.name !== attributes.link.name) return false;
  // What Locate asks for may leave the identifier out.
  const named = (value.value as Partial<Link> | undefined)?.linkedObjectIdentifier;
  return named !== undefined && named.kind !== "identifier";
}

function resolvedLink(
  { value: link, ...instance }: AttributeInstance & { readonly value: Link },
  placeholder: Placeholder,
): AttributeInstance {
  const identifier = placeholder.resolve(link.linkedObjectIdentifier);
  return { ...instance, value: { ...link, linkedObjectIdentifier: { kind: "identifier", identifier } } };
}
