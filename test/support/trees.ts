import { isTagKnownIn, tagLabel } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import type { ProtocolVersion } from "#protocol/versions.js";

/** The tags in a tree that a version does not define, vendors' extensions left aside. */
export function strangersIn(item: Item, version: ProtocolVersion): readonly string[] {
  if (item.tag >= 0x540000) return [];
  const own = isTagKnownIn(item.tag, version) ? [] : [tagLabel(item.tag)];
  return item.type === ItemType.Structure
    ? [...own, ...item.value.flatMap((child) => strangersIn(child, version))]
    : own;
}

/** The value as plain objects, without properties that are undefined or an empty list: they say the same as absent ones. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object" || Buffer.isBuffer(value)) return value;
  const isSaid = (property: unknown) => property !== undefined && !(Array.isArray(property) && property.length === 0);
  const entries = Object.entries(value).filter(([, property]) => isSaid(property));
  return Object.fromEntries(entries.map(([key, property]) => [key, plain(property)]));
}
