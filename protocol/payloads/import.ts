import { attributeList } from "../attributes/fields.js";
import { boolean, textString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration } from "../schema/enumeration.js";
import { optional, required, structure } from "../schema/structure.js";
import { managedObjectFields } from "../structures/managed-objects.js";
import { Tag } from "../tags.js";
import { V2_0 } from "../versions.js";
import { answeredObject } from "./fields.js";

/** Request of Import (KMIP 2.1 §6.1.25): exactly one of the object fields stands. */
export const importRequest = structure("ImportRequest", {
  uniqueIdentifier: required(Tag.UniqueIdentifier, textString),
  objectType: optionalEnumeration(Tag.ObjectType, { since: V2_0 }),
  replaceExisting: optional(Tag.ReplaceExisting, boolean),
  keyWrapType: optionalEnumeration(Tag.KeyWrapType),
  attributes: attributeList({ always: true }),
  ...managedObjectFields,
});
export type ImportRequest = ValueOf<typeof importRequest>;

/** Response of Import. */
export const importResponse = structure("ImportResponse", {
  uniqueIdentifier: answeredObject,
});
export type ImportResponse = ValueOf<typeof importResponse>;
