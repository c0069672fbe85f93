import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { State } from "#protocol/enums/index.js";
import { checkDates, checkUniqueName, keptValue } from "#src/objects/accept-attributes.js";
import { toCanonicalText } from "#src/objects/attribute-document.js";
import { type AttributeRule, type ClientChange, ruleFor } from "#src/objects/attribute-rules.js";
import type { AttributeSet, KeptInstance } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { stateAt } from "#src/objects/lifecycle.js";
import { changedAt, type ManagedObject, withAttributes } from "#src/objects/managed-object.js";

/** The rule of an attribute that a client wants to change. Throws KmipError `InvalidAttribute` for unknown names. */
export function ruleOf(name: string): AttributeRule {
  const rule = ruleFor(name);
  if (rule === undefined) throw new KmipError("InvalidAttribute", `"${name}" is no attribute this server knows`);
  return rule;
}

/** The highest Attribute Index that may stand in a request to add an attribute: some clients send 0 with all of them. */
const highestIndexToAdd = 0;

/**
 * Throws KmipError where clients may not add the attribute to an object that exists: unknown names, attributes of the
 * server, those that are said when the object is made, and a request of 1.x that gives an index (KMIP 1.4 §11.15).
 */
export function checkAddable({ name, index }: AttributeInstance): void {
  const rule = ruleOf(name);
  if (!rule.settableByClient || rule.onlyWhenMade === true) {
    throw new KmipError("ReadOnlyAttribute", `"${name}" is set by the server only`);
  }
  if (index !== undefined && index > highestIndexToAdd) {
    throw new KmipError("InvalidField", "an attribute to be added has no Attribute Index");
  }
}

/** The set with another value for an instance. Throws KmipError where it has none, or is a name the object has. */
export function withChanged(set: AttributeSet, { index }: KeptInstance, given: AttributeInstance): AttributeSet {
  checkUniqueName(set.without(given.name, index), given);
  return set.changing(given.name, index, givenValue(given));
}

/** The value a request gives, as it is kept. Throws KmipError `InvalidAttributeValue` where it gives none. */
function givenValue({ name, value }: AttributeInstance): unknown {
  if (value === undefined) throw new KmipError("InvalidAttributeValue", `"${name}" has no value`);
  return keptValue(name, value);
}

/** Whether each way of changing is open now, by what the rules table says of an attribute. */
const openings: Readonly<Record<ClientChange, (set: AttributeSet, name: string, now: number) => boolean>> = {
  never: () => false,
  always: () => true,
  "pre-active": (set, _name, now) => (stateAt(set, now) ?? State.PreActive) === State.PreActive,
  "until-deactivated": (set, _name, now) => isLive(stateAt(set, now)),
  "until-reached": (set, name, now) => {
    const date = set.instances(name)[0]?.value;
    return isLive(stateAt(set, now)) && (typeof date !== "number" || date > now);
  },
  "until-used": (set) => {
    const limits = set.get(attributes.usageLimits);
    return limits === undefined || limits.usageLimitsCount === limits.usageLimitsTotal;
  },
};

/** Templates, which have no state, stay open. */
function isLive(state: number | undefined): boolean {
  return state === undefined || state === State.PreActive || state === State.Active;
}

/** Throws KmipError where a client may not change the attribute, ever or in the object's present state. */
export function checkChangeable(set: AttributeSet, name: string, now: number): void {
  const { change } = ruleOf(name);
  if (change === "never") throw new KmipError("AttributeReadOnly", `"${name}" cannot be changed by clients`);
  checkOpen(set, { name, change }, now);
}

/** Throws KmipError where the object is in a state in which it does not get an attribute that it does not have. */
export function checkAddableNow(set: AttributeSet, name: string, now: number): void {
  const { change } = ruleOf(name);
  if (change !== "never" && !set.has(name)) checkOpen(set, { name, change }, now);
}

function checkOpen(
  set: AttributeSet,
  { name, change }: { readonly name: string; readonly change: ClientChange },
  now: number,
): void {
  if (!openings[change](set, name, now)) {
    throw new KmipError("WrongKeyLifecycleState", `"${name}" cannot be changed in the present state of the object`);
  }
}

/**
 * The instance a request means: by index in 1.x (0 where none is given), by its value in 2.x, or the only one there is.
 * Throws KmipError where there is none, or several and nothing tells which.
 */
export function selectInstance(
  set: AttributeSet,
  name: string,
  by: { readonly index?: number | undefined; readonly current?: AttributeInstance | undefined; readonly oneX: boolean },
): KeptInstance {
  const instances = set.instances(name);
  if (instances.length === 0) throw new KmipError("AttributeNotFound", `the object has no "${name}"`);
  const found = by.current === undefined ? byIndex(instances, by) : byValue(instances, by.current);
  if (found !== undefined) return found;
  throw new KmipError("AttributeInstanceNotFound", `the object has no such instance of "${name}"`);
}

function byValue(instances: readonly KeptInstance[], current: AttributeInstance): KeptInstance | undefined {
  const wanted = toCanonicalText(current.value);
  return instances.find((instance) => toCanonicalText(instance.value) === wanted);
}

function byIndex(
  instances: readonly KeptInstance[],
  by: { readonly index?: number | undefined; readonly oneX: boolean },
): KeptInstance | undefined {
  if (by.oneX) return instances.find((instance) => instance.index === (by.index ?? instances[0]?.index));
  if (instances.length > 1) {
    throw new KmipError("MultiValuedAttribute", "the attribute has several instances; say which by Current Attribute");
  }
  return instances[0];
}

/** Sensitive can only be raised and Extractable only be lowered; each remembers that it once was otherwise. */
function withProtectionMemory(before: AttributeSet, after: AttributeSet): AttributeSet {
  const wasSensitive = before.get(attributes.sensitive) ?? false;
  const isSensitive = after.get(attributes.sensitive) ?? false;
  const wasExtractable = before.get(attributes.extractable) ?? true;
  const isExtractable = after.get(attributes.extractable) ?? true;
  if ((wasSensitive && !isSensitive) || (!wasExtractable && isExtractable)) {
    throw new KmipError("AttributeReadOnly", "the protection of a key is never loosened");
  }
  return after
    .with(attributes.alwaysSensitive, (before.get(attributes.alwaysSensitive) ?? false) && isSensitive)
    .with(attributes.neverExtractable, (before.get(attributes.neverExtractable) ?? false) && !isExtractable);
}

/**
 * The object with changed attributes: dates still in order, the state moved on where a date that was set has come, and
 * the Last Change Date set. Throws KmipError.
 */
export function changedObject(object: ManagedObject, set: AttributeSet, now: number): ManagedObject {
  checkDates(set, object.attributes);
  const kept = withProtectionMemory(object.attributes, set);
  return changedAt(withAttributes(object, kept.with(attributes.state, stateAt(kept, now))), now);
}
