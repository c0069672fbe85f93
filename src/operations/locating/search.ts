import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import type { UsageLimits } from "#protocol/structures/attribute-values.js";
import { Tag } from "#protocol/tags.js";
import { textItems, textsIn } from "#protocol/ttlv/text-items.js";
import type { Inventory } from "#src/inventory/inventory.js";
import { toCanonicalText } from "#src/objects/attribute-document.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { LocateOptions, LocateResult } from "#storage/types.js";
import type { LocatePlan } from "./filters.js";

/**
 * Where conditions remain that no index answers: how many objects are looked at first, and then, where these were not
 * enough, and at most. Each may cost a read and a check of its integrity tag.
 */
const reaches = [500, 4000, 20_000] as const;

/** Usage Limits are met by objects that have at least as much; all else must be equal (KMIP 2.1 §6.1.28). */
function meets(set: AttributeSet, { name, value }: AttributeInstance): boolean {
  if (name !== attributes.usageLimits.name) return set.instances(name).some((instance) => holds(instance.value, value));
  const has = set.get(attributes.usageLimits);
  const wanted = value as Partial<UsageLimits>;
  if (has === undefined) return false;
  return (
    (wanted.usageLimitsUnit === undefined || has.usageLimitsUnit === wanted.usageLimitsUnit) &&
    has.usageLimitsTotal >= (wanted.usageLimitsTotal ?? 0n) &&
    (has.usageLimitsCount ?? 0n) >= (wanted.usageLimitsCount ?? 0n)
  );
}

/** Whether a value is the one wanted; of a structure, whether the fields that are wanted are. */
function holds(value: unknown, wanted: unknown): boolean {
  if (!isStructure(value) || !isStructure(wanted)) return toCanonicalText(value) === toCanonicalText(wanted);
  return Object.entries(wanted).every(([field, each]) => toCanonicalText(value[field]) === toCanonicalText(each));
}

function isStructure(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

/**
 * Finds objects by a plan, newest first. What no index answers is checked on the objects the index gave.
 * Throws KmipError `ServerLimitExceeded` where that would be too many.
 */
export async function search(inventory: Inventory, plan: LocatePlan, options: LocateOptions): Promise<LocateResult> {
  if (plan.remaining.length === 0) return inventory.locate(plan.filters, options);
  const { limit, offset = 0, ...which } = options;
  const ids: string[] = [];
  const result = (total: number | null): LocateResult => ({ ids: textItems(Tag.UniqueIdentifier, ids), total });
  const seen = new Set<string>();
  let met = 0;
  for (const reach of reaches) {
    // Not behind those that were seen: what is made or destroyed meanwhile would move them.
    const candidates = await inventory.locate(plan.filters, { ...which, count: false, limit: reach });
    for (const id of textsIn(candidates.ids)) {
      if (seen.has(id)) continue;
      if (ids.length >= limit && options.count !== true) break;
      seen.add(id);
      const object = await inventory.find(id);
      if (object === undefined || !plan.remaining.every((wanted) => meets(object.attributes, wanted))) continue;
      if (met >= offset && ids.length < limit) ids.push(id);
      met += 1;
    }
    const enough = ids.length >= limit && options.count !== true;
    if (enough || candidates.ids.count < reach) return result(options.count === true ? met : null);
  }
  throw new KmipError(
    "ServerLimitExceeded",
    "too many objects to look through; add a name, a group or another condition",
  );
}
