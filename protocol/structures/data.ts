import type { Codec } from "../schema/codec.js";
import { enumerationFor } from "../schema/enumeration.js";
import { MessageError } from "../schema/error.js";
import { Tag } from "../tags.js";
import { ItemType } from "../ttlv/item.js";

/**
 * Data that a request does not carry but takes from an earlier answer of the same batch (KMIP 2.1 §7.9): the output of
 * the last operation of a kind (a value of the Data enumeration), or the nth Data of the response, counted from 0, and
 * backwards from the batch item at hand where negative.
 */
export type DataReference =
  | { readonly kind: "placeholder"; readonly operation: number }
  | { readonly kind: "batch-item"; readonly index: number };

const placeholderEnumeration = enumerationFor(Tag.Data);

/**
 * Data as requests carry it: Byte String, and since 2.0 an Enumeration or Integer that refers to another item's Data.
 */
export const dataInput: Codec<Buffer | DataReference> = {
  decode(item, context) {
    switch (item.type) {
      case ItemType.ByteString:
        return item.value;
      case ItemType.Enumeration:
        return { kind: "placeholder", operation: placeholderEnumeration.decode(item, context) };
      case ItemType.Integer:
        return { kind: "batch-item", index: item.value };
      default:
        throw new MessageError("wrong-type", "is neither a Byte String, an Enumeration nor an Integer");
    }
  },
  encode(tag, value) {
    if (Buffer.isBuffer(value)) return { tag, type: ItemType.ByteString, value };
    return value.kind === "placeholder"
      ? { tag, type: ItemType.Enumeration, value: value.operation }
      : { tag, type: ItemType.Integer, value: value.index };
  },
};
