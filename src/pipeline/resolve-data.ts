import type { DataReference } from "#protocol/structures/data.js";
import type { ItemState } from "./item.js";

/** Puts the Data of an earlier item in the place of a reference to it, in whatever operation takes Data. */
export function resolveData(state: ItemState): void {
  const { payload } = state;
  if (!hasReference(payload)) return;
  state.payload = { ...payload, data: state.placeholder.data.resolve(payload.data) };
}

function hasReference(payload: unknown): payload is { readonly data: DataReference } {
  if (typeof payload !== "object" || payload === null || !("data" in payload)) return false;
  const { data } = payload;
  return typeof data === "object" && data !== null && !Buffer.isBuffer(data) && "kind" in data;
}
