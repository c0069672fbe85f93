import { attributeList } from "../attributes/fields.js";
import type { ValueOf } from "../schema/codec.js";
import { optionalEnumeration, requiredEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { keyWrappingSpecification } from "../structures/key-block.js";
import { managedObjectFields } from "../structures/managed-objects.js";
import { Tag } from "../tags.js";
import { V1_4 } from "../versions.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Export (KMIP 2.1 §6.1.18). */
export const exportRequest = structure("ExportRequest", {
  uniqueIdentifier: namedObject,
  keyFormatType: optionalEnumeration(Tag.KeyFormatType),
  keyWrapType: optionalEnumeration(Tag.KeyWrapType, { since: V1_4 }),
  keyCompressionType: optionalEnumeration(Tag.KeyCompressionType),
  keyWrappingSpecification: optional(Tag.KeyWrappingSpecification, keyWrappingSpecification),
});
export type ExportRequest = ValueOf<typeof exportRequest>;

/** Response of Export: exactly one of the object fields stands, the one of the Object Type. */
export const exportResponse = structure("ExportResponse", {
  objectType: requiredEnumeration(Tag.ObjectType),
  uniqueIdentifier: answeredObject,
  attributes: attributeList({ always: true }),
  ...managedObjectFields,
});
export type ExportResponse = ValueOf<typeof exportResponse>;
