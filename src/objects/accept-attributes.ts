import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import type { UsageLimits } from "#protocol/structures/attribute-values.js";
import { ruleFor } from "./attribute-rules.js";
import { AttributeSet } from "./attribute-set.js";
import { KmipError } from "./kmip-error.js";

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

/** The set with one more attribute instance of a client, checked against its rule. */
export function acceptOne(set: AttributeSet, objectType: number, { name, value }: AttributeInstance): AttributeSet {
  const rule = ruleFor(name);
  if (rule === undefined) throw new KmipError("UnsupportedAttribute", `"${name}" is no attribute this server knows`);
  if (value === undefined) throw new KmipError("InvalidAttributeValue", `"${name}" has no value`);
  if (!rule.settableByClient) throw new KmipError("ReadOnlyAttribute", `"${name}" is set by the server only`);
  if (rule.appliesTo !== undefined && !rule.appliesTo.has(objectType)) {
    throw new KmipError("InvalidAttribute", `"${name}" does not apply to objects of this type`);
  }
  if (!rule.multiple && set.has(name)) {
    throw new KmipError("AttributeSingleValued", `"${name}" may be given once only`);
  }
  return set.adding(name, name === attributes.usageLimits.name ? wholeLimits(value as UsageLimits) : value);
}

/** A client sets the total; the count starts from it (KMIP 2.1 §4.59). */
function wholeLimits(limits: UsageLimits): UsageLimits {
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

/** Throws KmipError `InvalidAttributeValue` where dates of the life cycle contradict each other. */
export function checkDates(set: AttributeSet): void {
  for (const [earlier, later] of orderedDates) {
    const first = set.get(earlier);
    const second = set.get(later);
    if (first !== undefined && second !== undefined && first > second) {
      throw new KmipError("InvalidAttributeValue", `${earlier.name} lies after ${later.name}`);
    }
  }
}
