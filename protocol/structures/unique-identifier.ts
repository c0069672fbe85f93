import type { Codec } from "../schema/codec.js";
import { enumerationFor } from "../schema/enumeration.js";
import { MessageError } from "../schema/error.js";
import { Tag } from "../tags.js";
import { ItemType } from "../ttlv/item.js";

/**
 * How a request names an object (KMIP 2.1 §4.58): by its identifier, by the operation of this batch that made or found
 * it (a value of the Unique Identifier enumeration, since 2.0), or by the number of a batch item (since 2.0).
 */
export type ObjectNaming =
  | { readonly kind: "identifier"; readonly identifier: string }
  | { readonly kind: "placeholder"; readonly operation: number }
  | { readonly kind: "batch-item"; readonly index: number };

const placeholderEnumeration = enumerationFor(Tag.UniqueIdentifier);

/** Unique Identifier as requests carry it: Text String, Enumeration or Integer. */
export const objectNaming: Codec<ObjectNaming> = {
  decode(item, context) {
    switch (item.type) {
      case ItemType.TextString:
        return { kind: "identifier", identifier: item.value };
      case ItemType.Enumeration:
        return { kind: "placeholder", operation: placeholderEnumeration.decode(item, context) };
      case ItemType.Integer:
        return { kind: "batch-item", index: item.value };
      default:
        throw new MessageError("wrong-type", "is neither a Text String, an Enumeration nor an Integer");
    }
  },
  encode(tag, value) {
    switch (value.kind) {
      case "identifier":
        return { tag, type: ItemType.TextString, value: value.identifier };
      case "placeholder":
        return { tag, type: ItemType.Enumeration, value: value.operation };
      case "batch-item":
        return { tag, type: ItemType.Integer, value: value.index };
    }
  },
};
