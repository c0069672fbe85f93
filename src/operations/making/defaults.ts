import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import type { TenantSettings } from "#src/access/tenant-settings.js";
import { ruleFor } from "#src/objects/attribute-rules.js";

type ObjectDefaults = TenantSettings["defaults"]["objectDefaults"][number];

function isFor({ objectType, objectTypes }: ObjectDefaults, type: number): boolean {
  return objectType === type || (objectTypes?.objectType.includes(type) ?? false);
}

function groupsOf(list: readonly AttributeInstance[]): readonly unknown[] {
  return list.filter(({ name }) => name === attributes.objectGroup.name).map(({ value }) => value);
}

/**
 * The tenant's defaults for the attributes that a request leaves out: those for the object's type, and for one of its
 * groups where they name groups, which then speak before the others (KMIP 2.1 §7.22).
 */
export function defaultsFor(
  { defaults }: TenantSettings,
  objectType: number,
  requested: readonly AttributeInstance[],
): readonly AttributeInstance[] {
  const rows = defaults.objectDefaults.filter((row) => isFor(row, objectType));
  if (rows.length === 0) return [];
  const groups = new Set(groupsOf(requested));
  const ofGroups = rows.filter(({ objectGroups }) => objectGroups?.objectGroup.some((group) => groups.has(group)));
  const general = rows.filter(({ objectGroups }) => objectGroups === undefined);
  const given = new Set(requested.map(({ name }) => name));
  const chosen: AttributeInstance[] = [];
  for (const { attributes: list } of [...ofGroups, ...general]) {
    const fresh = list.filter(({ name }) => !given.has(name) && applies(name, objectType));
    chosen.push(...fresh);
    for (const { name } of fresh) given.add(name);
  }
  return chosen;
}

function applies(name: string, objectType: number): boolean {
  return ruleFor(name)?.appliesTo?.has(objectType) ?? true;
}
