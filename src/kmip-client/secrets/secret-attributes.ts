import { type AttributeDefinition, attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicUsageMask,
  LinkType,
  NameType,
  ObjectType,
  RotateNameType,
  State,
  StateTable,
} from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";

/** One version of a secret, as its object tells. */
export interface SecretVersion {
  readonly id: string;
  /** The secret's name; null for an object that has none any more and was not rotated by name. */
  readonly name: string | null;
  /** 1 is the first. Objects of other clients, which count no versions, are version 1. */
  readonly version: number;
  /** Whether it has the name, and so is what a client that asks by name gets. */
  readonly current: boolean;
  /** Name of the State, such as "Active". */
  readonly state: string;
  /** ISO 8601, or null where the server does not say. */
  readonly created: string | null;
  readonly activated: string | null;
  readonly deactivated: string | null;
}

/** The vendor attribute in which versions of a secret are counted. */
const versionAttribute = "x-Secret-Version";

/** One attribute with its value. */
function instance<T>(definition: AttributeDefinition<T>, value: T): AttributeInstance {
  return { name: definition.name, value };
}

/** An object by its identifier. */
export const named = (identifier: string): ObjectNaming => ({ kind: "identifier", identifier });

/** The Name of a secret, which its newest version has. */
export function nameOf(name: string): AttributeInstance {
  return instance(attributes.name, { nameValue: name, nameType: NameType.UninterpretedTextString });
}

/** The Rotate Name, which all versions of a secret have. */
export function rotateNameOf(name: string): AttributeInstance {
  const rotateNameType = RotateNameType.UninterpretedTextString;
  return instance(attributes.rotateName, { rotateNameValue: name, rotateNameType });
}

/** What one version of a secret has alone. */
export function versionOf(name: string, version: number): readonly AttributeInstance[] {
  return [
    rotateNameOf(name),
    { name: versionAttribute, value: { tag: Tag.AttributeValue, type: ItemType.Integer, value: version } },
  ];
}

/** By what all objects that are secrets are found. */
export const anySecret: AttributeInstance = instance(attributes.objectType, ObjectType.SecretData);

/** That an object may be checked against, the least that a Secret Data object must allow (KMIP 2.1 §4.19). */
export const usageOfSecrets: AttributeInstance = instance(
  attributes.cryptographicUsageMask,
  CryptographicUsageMask.Verify,
);

/** A Link to another version. */
export function linkTo(linkType: keyof typeof LinkType, linkedObjectIdentifier: ObjectNaming): AttributeInstance {
  return instance(attributes.link, { linkType: LinkType[linkType], linkedObjectIdentifier });
}

/** What Get Attributes is asked for to read a version. */
export const askedAttributes: readonly string[] = [
  attributes.name,
  attributes.rotateName,
  attributes.state,
  attributes.initialDate,
  attributes.activationDate,
  attributes.deactivationDate,
]
  .map(({ name }) => name)
  .concat(versionAttribute);

/** A version by the attributes of its object. */
export function readVersion(id: string, list: readonly AttributeInstance[]): SecretVersion {
  const value = <T>({ name }: AttributeDefinition<T>): T | undefined =>
    list.find((each) => each.name === name)?.value as T | undefined;
  const name = value(attributes.name)?.nameValue;
  const state = value(attributes.state);
  return {
    id,
    name: name ?? value(attributes.rotateName)?.rotateNameValue ?? null,
    version: countedVersion(list) ?? 1,
    current: name !== undefined,
    state: (state === undefined ? undefined : enumerationName(StateTable, state)) ?? "Unknown",
    created: isoDate(value(attributes.initialDate)),
    activated: isoDate(value(attributes.activationDate)),
    deactivated: isoDate(value(attributes.deactivationDate)),
  };
}

/** Whether versions are counted on an object already. */
export function isCounted(list: readonly AttributeInstance[]): boolean {
  return countedVersion(list) !== undefined;
}

/** Whether an object is in use. */
export function isActive(list: readonly AttributeInstance[]): boolean {
  return list.some(({ name, value }) => name === attributes.state.name && value === State.Active);
}

function countedVersion(list: readonly AttributeInstance[]): number | undefined {
  const value: unknown = list.find(({ name }) => name === versionAttribute)?.value;
  if (typeof value !== "object" || value === null || !("type" in value) || value.type !== ItemType.Integer)
    return undefined;
  return "value" in value && typeof value.value === "number" ? value.value : undefined;
}

function isoDate(seconds: number | undefined): string | null {
  return seconds === undefined ? null : new Date(seconds * 1000).toISOString();
}
