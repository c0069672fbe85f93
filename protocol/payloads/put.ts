import { attributeList } from "../attributes/fields.js";
import { textString, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { managedObjectFields } from "../structures/managed-objects.js";
import { Tag } from "../tags.js";
import { answeredObject } from "./fields.js";

/** Request of Put (KMIP 2.1 §6.2.3): exactly one of the object fields stands. */
export const putRequest = structure("PutRequest", {
  uniqueIdentifier: answeredObject,
  putFunction: requiredEnumeration(Tag.PutFunction),
  replacedUniqueIdentifier: optional(Tag.ReplacedUniqueIdentifier, textString),
  ...managedObjectFields,
  attributes: attributeList({ always: false }),
});
export type PutRequest = ValueOf<typeof putRequest>;

/** Response of Put. */
export const putResponse = structure("PutResponse", {});
export type PutResponse = ValueOf<typeof putResponse>;
