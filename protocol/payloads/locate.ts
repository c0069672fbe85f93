import { attributeList } from "../attributes/fields.js";
import { type Codec, expectType, integer, textString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration } from "../schema/enumeration.js";
import { optional, repeated, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { EncodedStructure } from "../ttlv/encoded-structure.js";
import { ItemType } from "../ttlv/item.js";
import { type TextItems, textItems } from "../ttlv/text-items.js";
import { encodeItems } from "../ttlv/writer.js";
import { V1_1, V1_3 } from "../versions.js";

/** Request of Locate (KMIP 2.1 §6.1.28): an object is sought that has all the attributes. */
export const locateRequest = structure("LocateRequest", {
  maximumItems: optional(Tag.MaximumItems, integer),
  offsetItems: optional(Tag.OffsetItems, integer, { since: V1_3 }),
  storageStatusMask: optional(Tag.StorageStatusMask, integer),
  objectGroupMember: optionalEnumeration(Tag.ObjectGroupMember, { since: V1_1 }),
  attributes: attributeList({ always: true, reading: "criteria" }),
});
export type LocateRequest = ValueOf<typeof locateRequest>;

/** Response of Locate: Located Items counts all that match, whatever Maximum Items cut off. */
export const locateResponse = structure("LocateResponse", {
  locatedItems: optional(Tag.LocatedItems, integer, { since: V1_3 }),
  uniqueIdentifiers: repeated(Tag.UniqueIdentifier, textString),
});
export type LocateResponse = ValueOf<typeof locateResponse>;

/**
 * The same response with the identifiers, its last field, as a search gives them: items of the tag Unique Identifier, of
 * which there may be many.
 */
export type LocateAnswer = Omit<LocateResponse, "uniqueIdentifiers"> & { readonly uniqueIdentifiers: TextItems };

export const locateAnswer: Codec<LocateAnswer> = {
  decode(item, context) {
    const { uniqueIdentifiers, ...others } = locateResponse.decode(item, context);
    return { ...others, uniqueIdentifiers: textItems(Tag.UniqueIdentifier, uniqueIdentifiers) };
  },
  encode(tag, { uniqueIdentifiers, ...others }, context) {
    const before = locateResponse.encode(tag, { ...others, uniqueIdentifiers: [] }, context);
    const first = encodeItems(expectType(before, ItemType.Structure)).toString("latin1");
    return new EncodedStructure(tag, first + uniqueIdentifiers.encoded);
  },
};
