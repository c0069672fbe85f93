import { requestBatchItem } from "#protocol/messages/message.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ItemState } from "./item.js";

/** What a Vendor Identification may look like since 2.0 (KMIP 2.1 §9.13). */
const vendorForm = /^[A-Za-z0-9_.]*$/;

/** Reads the batch item around the payload. Extensions in it are passed over: none of them is critical. */
export function readItem(state: ItemState): void {
  state.echo = echoOf(state.tree);
  const { operation } = state.echo;
  if (operation !== undefined && state.services.operation(operation) === undefined) {
    throw new KmipError("OperationNotSupported", "this server does not perform the operation");
  }
  state.item = requestBatchItem.decode(state.tree, { version: state.request.version });
  if (state.request.version < V2_0) return;
  if (state.item.messageExtension.some(({ vendorIdentification }) => !vendorForm.test(vendorIdentification))) {
    throw new KmipError("InvalidField", "a Vendor Identification has letters, digits, underscores and periods only");
  }
}

/** What the answer repeats of a batch item, even of one that cannot be read otherwise. */
function echoOf(tree: Item): NonNullable<ItemState["echo"]> {
  const children = tree.type === ItemType.Structure ? tree.value : [];
  const operation = children.find(({ tag }) => tag === Tag.Operation);
  const uniqueBatchItemId = children.find(({ tag }) => tag === Tag.UniqueBatchItemID);
  return {
    operation: operation?.type === ItemType.Enumeration ? operation.value : undefined,
    uniqueBatchItemId: uniqueBatchItemId?.type === ItemType.ByteString ? uniqueBatchItemId.value : undefined,
  };
}
