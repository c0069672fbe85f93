import { Tag } from "../tags.js";
import { type Item, ItemType } from "../ttlv/item.js";
import { encodeItem } from "../ttlv/writer.js";
import { type RequestHeader, requestHeader } from "./header.js";
import { type RequestBatchItem, requestBatchItem } from "./message.js";

/** What one item of a request asks. */
export type RequestItem = Pick<RequestBatchItem, "operation" | "uniqueBatchItemId" | "requestPayload">;

/** The bytes of a request message, in the version of its header. Throws MessageError for what that version cannot say. */
export function encodeRequest(header: Omit<RequestHeader, "batchCount">, items: readonly RequestItem[]): Buffer {
  const context = { version: header.protocolVersion };
  const head = requestHeader.encode(Tag.RequestHeader, { ...header, batchCount: items.length }, context);
  const rows: readonly Item[] = items.map((item) =>
    requestBatchItem.encode(Tag.BatchItem, { ...item, messageExtension: [] }, context),
  );
  return encodeItem({ tag: Tag.RequestMessage, type: ItemType.Structure, value: [head, ...rows] });
}
