import type { ValueOf } from "../schema/codec.js";
import { optionalEnumeration, requiredEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { keyWrappingSpecification } from "../structures/key-block.js";
import { managedObjectFields } from "../structures/managed-objects.js";
import { Tag } from "../tags.js";
import { V1_4 } from "../versions.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Get (KMIP 2.1 §6.1.19). */
export const getRequest = structure("GetRequest", {
  uniqueIdentifier: namedObject,
  keyFormatType: optionalEnumeration(Tag.KeyFormatType),
  keyWrapType: optionalEnumeration(Tag.KeyWrapType, { since: V1_4 }),
  keyCompressionType: optionalEnumeration(Tag.KeyCompressionType),
  keyWrappingSpecification: optional(Tag.KeyWrappingSpecification, keyWrappingSpecification),
});
export type GetRequest = ValueOf<typeof getRequest>;

/** Response of Get: exactly one of the object fields stands, the one of the Object Type. */
export const getResponse = structure("GetResponse", {
  objectType: requiredEnumeration(Tag.ObjectType),
  uniqueIdentifier: answeredObject,
  ...managedObjectFields,
});
export type GetResponse = ValueOf<typeof getResponse>;
