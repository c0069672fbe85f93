import { type AttributeDefinition, attributeByName, attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { ObjectTypeTable } from "#protocol/enums/objects.js";
import { farthestSecond } from "#protocol/schema/codec.js";
import type { ApplicationSpecificInformation, Name } from "#protocol/structures/attribute-values.js";
import { inSpan, type ProtocolVersion } from "#protocol/versions.js";
import { applicationNamespaceIndex, indexedText, isIndexed } from "#src/inventory/index-entries.js";
import { ruleFor } from "#src/objects/attribute-rules.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { LocateDateColumn, LocateEqualityColumn, LocateFilter } from "#storage/types.js";

/** What a request asks of objects, in two parts: what the index answers, and what is looked at on the objects found. */
export interface LocatePlan {
  readonly filters: readonly LocateFilter[];
  readonly remaining: readonly AttributeInstance[];
}

const equalityColumns: ReadonlyMap<string, LocateEqualityColumn> = new Map([
  [attributes.uniqueIdentifier.name, "id"],
  [attributes.objectType.name, "objectType"],
  [attributes.cryptographicAlgorithm.name, "algorithm"],
  [attributes.cryptographicLength.name, "length"],
  [attributes.fresh.name, "fresh"],
]);

const dateColumns: ReadonlyMap<string, LocateDateColumn> = new Map([
  [attributes.initialDate.name, "initialDate"],
  [attributes.activationDate.name, "activationDate"],
  [attributes.processStartDate.name, "processStartDate"],
  [attributes.protectStopDate.name, "protectStopDate"],
  [attributes.deactivationDate.name, "deactivationDate"],
  [attributes.destroyDate.name, "destroyDate"],
  [attributes.compromiseDate.name, "compromiseDate"],
  [attributes.compromiseOccurrenceDate.name, "compromiseOccurrenceDate"],
  [attributes.archiveDate.name, "archiveDate"],
  [attributes.lastChangeDate.name, "lastChangeDate"],
]);

/** Nothing meets a filter that has no value, or names an attribute that no object here can have. */
const nothing: LocateFilter = { on: "nothing" };

function is<T>(
  instance: AttributeInstance,
  definition: AttributeDefinition<T>,
): instance is AttributeInstance & { value: T } {
  return instance.name === definition.name;
}

function filterOf(instance: AttributeInstance, now: number): LocateFilter | undefined {
  const { name, value } = instance;
  if (value === undefined || ruleFor(name) === undefined) return nothing;
  const column = equalityColumns.get(name);
  if (column !== undefined) return { on: "column", column, equals: value as string | number | boolean };
  if (is(instance, attributes.state)) return { on: "state", equals: instance.value, at: now };
  if (is(instance, attributes.cryptographicUsageMask)) return { on: "usageMask", includes: instance.value };
  if (is<Name>(instance, attributes.name) && isWhole(instance)) {
    return { on: "name", name: instance.value.nameValue, nameType: instance.value.nameType };
  }
  if (is<ApplicationSpecificInformation>(instance, attributes.applicationSpecificInformation)) {
    return applicationFilter(instance.value);
  }
  return isIndexed(name) && isWhole(instance)
    ? { on: "attribute", attribute: name, equals: indexedText(value) }
    : undefined;
}

/** Whether a criterion gives every field its structure has: only then does the index know the whole value. */
function isWhole({ name, value }: AttributeInstance): boolean {
  const codec = attributeByName(name)?.codec;
  if (codec === undefined || !("fields" in codec)) return true;
  const given = value as Readonly<Record<string, unknown>>;
  return Object.keys(codec.fields as object).every((field) => given[field] !== undefined);
}

/** Application Specific Information is often sought by its namespace alone. */
function applicationFilter(value: Partial<ApplicationSpecificInformation>): LocateFilter | undefined {
  if (value.applicationNamespace === undefined) return undefined;
  if (value.applicationData === undefined) {
    return { on: "attribute", attribute: applicationNamespaceIndex, equals: indexedText(value.applicationNamespace) };
  }
  const { name } = attributes.applicationSpecificInformation;
  return { on: "attribute", attribute: name, equals: indexedText(value) };
}

/** The most values of one date that a request may give. */
const mostDates = 2;

/**
 * One value of a date is that date; two are the limits of a range, which belong to it. The largest date there is means
 * none (KMIP 2.1 §6.1.28): by itself it asks for nothing, as a limit it leaves the range open.
 * Throws KmipError `InvalidAttribute` for more than two.
 */
function dateFilter(column: LocateDateColumn, dates: readonly number[]): readonly LocateFilter[] {
  if (dates.length > mostDates)
    throw new KmipError("InvalidAttribute", "a date has one value, or two that limit a range");
  const told = dates.filter((date) => date < Number(farthestSecond));
  if (told.length === 0) return [];
  const from = Math.min(...told);
  return [
    told.length < dates.length ? { on: "date", column, from } : { on: "date", column, from, to: Math.max(...told) },
  ];
}

/** Object types that a version does not know, whose objects are not there for it. */
function unknownTypes(version: ProtocolVersion): readonly LocateFilter[] {
  const types = ObjectTypeTable.facts.filter((fact) => !inSpan(fact, version)).map(({ value }) => value);
  return types.length === 0 ? [] : [{ on: "otherType", types }];
}

/**
 * Turns the attributes of a request into filters. All must be met; an unknown attribute is met by nothing, and an object
 * of a type that the version does not know meets none.
 */
export function planLocate(requested: readonly AttributeInstance[], now: number, version: ProtocolVersion): LocatePlan {
  const filters: LocateFilter[] = [...unknownTypes(version)];
  const remaining: AttributeInstance[] = [];
  const dates = new Map<LocateDateColumn, number[]>();
  for (const instance of requested) {
    const column = dateColumns.get(instance.name);
    if (column !== undefined && typeof instance.value === "number") {
      dates.set(column, [...(dates.get(column) ?? []), instance.value]);
      continue;
    }
    const filter = filterOf(instance, now);
    if (filter === undefined) remaining.push(instance);
    else filters.push(filter);
  }
  for (const [column, values] of dates) filters.push(...dateFilter(column, values));
  return { filters, remaining };
}
