import { attributeList } from "../attributes/fields.js";
import { integer, textString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration } from "../schema/enumeration.js";
import { optional, repeated, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
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
