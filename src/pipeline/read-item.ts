import { requestBatchItem } from "#protocol/messages/message.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ItemState } from "./item.js";

/** Reads the batch item around the payload, and refuses extensions that must be understood (KMIP 2.1 §9.12). */
export function readItem(state: ItemState): void {
  state.item = requestBatchItem.decode(state.tree, { version: state.request.version });
  if (state.item.messageExtension.some((extension) => extension.criticalityIndicator)) {
    throw new KmipError("UnknownMessageExtension", "a critical message extension is not known to this server");
  }
}
