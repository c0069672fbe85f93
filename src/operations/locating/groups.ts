import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  ObjectGroupMember,
  ObjectType,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { textItems } from "#protocol/ttlv/text-items.js";
import { acceptAttributes } from "#src/objects/accept-attributes.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { LocateOptions, LocateResult } from "#storage/types.js";
import type { OperationContext } from "../contract/context.js";
import { makeSymmetricKey } from "../making/symmetric-key.js";
import { planLocate } from "./filters.js";
import { search } from "./search.js";

/** The reserved group that always has a fresh member: where it has none, one is made (KMIP 1.4 §3.33, §4.9). */
const defaultGroup = "default";

const isFresh: AttributeInstance = { name: attributes.fresh.name, value: true };

/** The attributes of a fresh member of the default group where the request does not say them. */
const usual: readonly AttributeInstance[] = [
  { name: attributes.cryptographicAlgorithm.name, value: CryptographicAlgorithm.AES },
  { name: attributes.cryptographicLength.name, value: 256 },
  {
    name: attributes.cryptographicUsageMask.name,
    value: CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt,
  },
];

/**
 * Members of an object group (KMIP 2.1 §6.1.28). Fresh ones are found in the order in which they were created. The
 * default member is the fresh one created first or, where all were given to clients already, the one created first.
 */
export async function searchGroup(
  context: OperationContext,
  wanted: readonly AttributeInstance[],
  member: number,
  options: LocateOptions,
): Promise<LocateResult> {
  const { inventory, now, version } = context;
  const seek = (filters: readonly AttributeInstance[], limit: number): Promise<LocateResult> =>
    search(inventory, planLocate(filters, now, version), { ...options, limit, oldestFirst: true });
  if (member === ObjectGroupMember.GroupMemberFresh) {
    const fresh = await seek([...wanted, isFresh], options.limit);
    return fresh.ids.count > 0 || (options.offset ?? 0) > 0 ? fresh : ((await freshMember(context, wanted)) ?? fresh);
  }
  const first = await seek([...wanted, isFresh], 1);
  return first.ids.count > 0 ? first : seek(wanted, 1);
}

/** A new key of the default group, where the request asks for no more than a key that can be made. */
async function freshMember(
  context: OperationContext,
  wanted: readonly AttributeInstance[],
): Promise<LocateResult | undefined> {
  const { changes, request } = context;
  const asked = wanted.filter(({ name }) => name !== attributes.objectType.name);
  const makeable = new Set([attributes.objectGroup.name, ...usual.map(({ name }) => name)]);
  const groups = asked.filter(({ name }) => name === attributes.objectGroup.name);
  if (!groups.some(({ value }) => value === defaultGroup) || !asked.every(({ name }) => makeable.has(name))) return;
  if (wanted.some(({ name, value }) => name === attributes.objectType.name && value !== ObjectType.SymmetricKey))
    return;
  if (!request.caller.permissions.has("create")) return;
  const missing = usual.filter(({ name }) => !asked.some((instance) => instance.name === name));
  const requested = acceptAttributes(ObjectType.SymmetricKey, [...asked, ...missing]);
  const key: ManagedObject = await makeSymmetricKey(context, requested, { inToken: false });
  changes.insert(key);
  return { ids: textItems(Tag.UniqueIdentifier, [key.id]), total: 1 };
}
