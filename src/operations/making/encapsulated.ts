import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { ruleFor } from "#src/objects/attribute-rules.js";
import type { Registered } from "./registered-object.js";

/**
 * The attributes of an object that a client brings: those of the request, and behind them those that stand with the key
 * in its Key Value and that the request says nothing of (KMIP 2.1 §3.2, 1.4 §2.1.4).
 */
export function withEncapsulated(
  registered: Registered,
  given: readonly AttributeInstance[],
): readonly AttributeInstance[] {
  const keyValue = registered.kind === "key" ? registered.keyBlock.keyValue : undefined;
  const inside = keyValue === undefined || Buffer.isBuffer(keyValue) ? [] : (keyValue.attributes ?? []);
  return [...given, ...inside.filter(({ name }) => !given.some((instance) => instance.name === name))];
}

/**
 * As withEncapsulated, without what only a server says of an object: in a Key Value that another server gave out, it is
 * about the object there.
 */
export function withEncapsulatedOfClients(
  registered: Registered,
  given: readonly AttributeInstance[],
): readonly AttributeInstance[] {
  const isAbout = ({ name }: AttributeInstance): boolean => ruleFor(name)?.settableByClient !== false;
  return [...given, ...withEncapsulated(registered, given).slice(given.length).filter(isAbout)];
}
