import type { StandIn } from "#protocol/encodings/transcript/step.js";
import type { Item } from "#protocol/ttlv/item.js";
import { ItemType } from "#protocol/ttlv/item.js";

/** An item a case expects: its typed value, and the placeholder where the case leaves the value open. */
export interface ExpectedItem {
  readonly item: Item;
  /** The placeholder, such as "$UNIQUE_IDENTIFIER_0"; the value of `item` then means nothing. */
  readonly placeholder?: string | undefined;
  /** What the placeholder of a transcript means. */
  readonly standIn?: StandIn | undefined;
  readonly children: readonly ExpectedItem[];
}

/** Wraps an item without placeholders. */
export function exactly(item: Item): ExpectedItem {
  const children = item.type === ItemType.Structure ? item.value.map(exactly) : [];
  return { item, children };
}
