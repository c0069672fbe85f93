import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { ObjectType } from "#protocol/enums/index.js";
import type { ApplicationSpecificInformation, UsageLimits } from "#protocol/structures/attribute-values.js";
import { withApplicationData } from "./application-namespaces.js";
import { toCanonicalText } from "./attribute-document.js";
import { type AttributeRule, isServersOwn, ruleFor } from "./attribute-rules.js";
import { AttributeSet } from "./attribute-set.js";
import { KmipError } from "./kmip-error.js";
import { rotatedTypes } from "./rotation.js";

/**
 * The attributes a client asks for when an object is made, checked against the rules of each (KMIP 2.1 §4).
 * Throws KmipError: unknown attribute, one only the server sets, one of another object type, a second instance of a
 * single-valued one, or dates that contradict each other.
 */
export function acceptAttributes(objectType: number, requested: readonly AttributeInstance[]): AttributeSet {
  let set = new AttributeSet();
  for (const instance of requested) set = acceptOne(set, objectType, instance);
  checkDates(set);
  return set;
}

/**
 * The attributes of several parts of a request, or of templates, as one list. Of attributes that an object has once the
 * last part that gives one counts; of the others the union (KMIP 1.4 §4).
 */
export function unitedAttributes(parts: readonly (readonly AttributeInstance[])[]): readonly AttributeInstance[] {
  return parts.flatMap((part, index) => {
    const later = parts.slice(index + 1).flat();
    return part.filter(({ name, value }) => {
      if (ruleFor(name)?.multiple !== true) return !later.some((instance) => instance.name === name);
      const text = toCanonicalText(value);
      return !later.some((instance) => instance.name === name && toCanonicalText(instance.value) === text);
    });
  });
}

/** The most attribute instances an object has: what one object costs must not grow without end. */
export const mostInstances = 1000;

/** The set with one more attribute instance of a client, checked against its rule. */
export function acceptOne(set: AttributeSet, objectType: number, { name, value }: AttributeInstance): AttributeSet {
  const rule = ruleFor(name);
  if (rule === undefined) throw new KmipError("UnsupportedAttribute", `"${name}" is no attribute this server knows`);
  if (!rule.settableByClient) {
    const reason = isServersOwn(name) ? "ReadOnlyAttribute" : "AttributeReadOnly";
    throw new KmipError(reason, `"${name}" is set by the server only`);
  }
  checkFits(set, objectType, { name, value, rule });
  return set.adding(name, keptValue(name, value));
}

/** Throws KmipError where an attribute has no value, is of other object types, or stands too often. */
function checkFits(
  set: AttributeSet,
  objectType: number,
  { name, value, rule }: AttributeInstance & { readonly rule: AttributeRule },
): void {
  if (value === undefined) throw new KmipError("InvalidAttributeValue", `"${name}" has no value`);
  if (!appliesTo(rule, objectType)) {
    throw new KmipError("InvalidAttribute", `"${name}" does not apply to objects of this type`);
  }
  if (!rule.multiple && set.has(name)) {
    throw new KmipError("AttributeSingleValued", `"${name}" may be given once only`);
  }
  checkRotation(objectType, { name, value });
  checkUniqueName(set, { name, value });
  if (set.size >= mostInstances) throw new KmipError("ServerLimitExceeded", "the object has too many attributes");
}

/** The server rotates by Re-key, Re-key Key Pair and Re-certify, and not without a pause (KMIP 2.1 §4.48, §4.51). */
function checkRotation(objectType: number, { name, value }: AttributeInstance): void {
  if (name === attributes.rotateInterval.name && value === 0) {
    throw new KmipError("InvalidAttributeValue", "a Rotate Interval is a second or longer");
  }
  const isAsked = name === attributes.rotateAutomatic.name && value === true;
  if (!isAsked || rotatedTypes.has(objectType) || objectType === ObjectType.Template) return;
  throw new KmipError("FeatureNotSupported", "the server rotates keys and certificates only");
}

/**
 * The attributes of an object to be imported: all that the client supplies, whoever sets them otherwise (KMIP 2.1
 * §6.1.25). Throws KmipError for attributes that are unknown, of another object type or given too often, and for an
 * identifier or type that is not the object's.
 */
export function acceptImported(objectType: number, id: string, supplied: readonly AttributeInstance[]): AttributeSet {
  const set = supplied.reduce((sum, instance) => acceptSupplied(sum, objectType, instance), new AttributeSet());
  const otherId = (set.get(attributes.uniqueIdentifier) ?? id) !== id;
  if (otherId || (set.get(attributes.objectType) ?? objectType) !== objectType) {
    throw new KmipError("AttributeReadOnly", "the attributes name another object or another type of object");
  }
  return set;
}

function acceptSupplied(set: AttributeSet, objectType: number, instance: AttributeInstance): AttributeSet {
  const { name } = instance;
  const rule = ruleFor(name);
  if (rule === undefined) throw new KmipError("InvalidAttribute", `"${name}" is no attribute this server knows`);
  checkFits(set, objectType, { ...instance, rule });
  const { value } = instance;
  return set.adding(name, name === attributes.applicationSpecificInformation.name ? keptValue(name, value) : value);
}

/** Whether objects of a type may have the attribute. A template may have what objects made from it may have. */
function appliesTo({ appliesTo }: AttributeRule, objectType: number): boolean {
  return appliesTo === undefined || appliesTo.has(objectType) || objectType === ObjectType.Template;
}

/** Throws KmipError `NonUniqueNameAttribute` where the set has the name already that is to be given (KMIP 2.1 §4.32). */
export function checkUniqueName(set: AttributeSet, { name, value }: AttributeInstance): void {
  if (name !== attributes.name.name) return;
  const wanted = toCanonicalText(value);
  if (set.instances(name).some((instance) => toCanonicalText(instance.value) === wanted)) {
    throw new KmipError("NonUniqueNameAttribute", "the object has this name already");
  }
}

/**
 * What is kept of a client's value: Usage Limits count down from the total (KMIP 2.1 §4.59), and Application Data that is
 * left out is made. Throws KmipError where it cannot be.
 */
export function keptValue(name: string, value: unknown): unknown {
  if (name === attributes.applicationSpecificInformation.name) {
    return withApplicationData(value as ApplicationSpecificInformation);
  }
  if (name !== attributes.usageLimits.name) return value;
  const limits = value as UsageLimits;
  return { ...limits, usageLimitsCount: limits.usageLimitsTotal };
}

/** Pairs of dates of which the first must not lie after the second (KMIP 2.1 §4.1, §4.18, §4.40, §4.41). */
const orderedDates = [
  [attributes.activationDate, attributes.processStartDate],
  [attributes.activationDate, attributes.protectStopDate],
  [attributes.activationDate, attributes.deactivationDate],
  [attributes.processStartDate, attributes.deactivationDate],
  [attributes.protectStopDate, attributes.deactivationDate],
] as const;

/**
 * Throws KmipError `InvalidAttributeValue` where dates of the life cycle contradict each other that were not so `before`:
 * revoking a key moves its Deactivation Date, whatever its other dates say.
 */
export function checkDates(set: AttributeSet, before: AttributeSet = new AttributeSet()): void {
  for (const [earlier, later] of orderedDates) {
    const first = set.get(earlier);
    const second = set.get(later);
    if (first === before.get(earlier) && second === before.get(later)) continue;
    if (first !== undefined && second !== undefined && first > second) {
      throw new KmipError("InvalidAttributeValue", `${earlier.name} lies after ${later.name}`);
    }
  }
}
