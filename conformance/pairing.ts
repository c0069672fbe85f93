import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { leafText } from "./bindings.js";
import type { ExpectedItem } from "./expected.js";

/** Lists matched without regard to order. */
export interface Pairs {
  readonly pairs: readonly (readonly [ExpectedItem, Item])[];
  readonly missing: readonly ExpectedItem[];
  readonly extra: readonly Item[];
}

/** What two items of a list must share to be the same entry: tag, and name, index and enumerations inside, or value. */
function keyOf(item: Item): string {
  if (item.type !== ItemType.Structure) return `${item.tag}:${item.type}:${entryText(item)}`;
  const telling = item.value.filter((child) => child.type === ItemType.Enumeration || tellingTags.has(child.tag));
  const nested = item.value.filter((child) => child.type === ItemType.Structure).map(keyOf);
  return `${item.tag}:${[...telling.map(leafText), ...nested].join(":")}`;
}

/** Fields that tell one structure of a list from another, besides enumerations. */
const tellingTags: ReadonlySet<number> = new Set([
  Tag.AttributeName,
  Tag.AttributeIndex,
  Tag.ProtocolVersionMajor,
  Tag.ProtocolVersionMinor,
]);

/** Entries of a list of names are told apart by value; a single attribute of 2.x stands under a tag of its own. */
function entryText(item: Item): string {
  const isEntry = listed.has(item.tag);
  return isEntry ? leafText(item) : "";
}

const listed: ReadonlySet<number> = new Set([
  Tag.Operation,
  Tag.ObjectType,
  Tag.ApplicationNamespace,
  Tag.AttributeName,
  Tag.AttributeReference,
]);

/** What the entries of a list share at least: tag, and the name and index of an attribute. */
function looseKeyOf(item: Item): string {
  if (item.type !== ItemType.Structure) return keyOf(item);
  const named = item.value.filter((child) => child.tag === Tag.AttributeName || child.tag === Tag.AttributeIndex);
  return `${item.tag}:${named.map(leafText).join(":")}`;
}

/** Finds for each expected entry the answered one that belongs to it: the one most like it, then one of its name. */
export function pair(expected: readonly ExpectedItem[], actual: readonly Item[]): Pairs {
  const closely = pairBy(keyOf, expected, actual);
  const loosely = pairBy(looseKeyOf, closely.missing, closely.extra);
  return { ...loosely, pairs: [...closely.pairs, ...loosely.pairs] };
}

function pairBy(key: (item: Item) => string, expected: readonly ExpectedItem[], actual: readonly Item[]): Pairs {
  const left = new Map<string, Item[]>();
  for (const item of actual) {
    const same = left.get(key(item));
    if (same === undefined) left.set(key(item), [item]);
    else same.push(item);
  }
  const pairs: (readonly [ExpectedItem, Item])[] = [];
  const missing: ExpectedItem[] = [];
  for (const wanted of expected) {
    const found = left.get(key(wanted.item))?.shift();
    if (found === undefined) missing.push(wanted);
    else pairs.push([wanted, found]);
  }
  return { pairs, missing, extra: [...left.values()].flat() };
}
