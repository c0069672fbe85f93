import { attributeName, changedAttribute, singleAttribute } from "../attributes/fields.js";
import { integer, type ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { V1_4 } from "../versions.js";
import { answeredObject, namedObject } from "./fields.js";

/**
 * Request of Delete Attribute (KMIP 2.1 §6.1.13): 1.x names the attribute and its index; 2.x gives one value, or a
 * reference to delete all.
 */
export const deleteAttributeRequest = structure("DeleteAttributeRequest", {
  uniqueIdentifier: namedObject,
  currentAttribute: singleAttribute(Tag.CurrentAttribute, { oneX: false }),
  attributeName,
  attributeIndex: optional(Tag.AttributeIndex, integer, { until: V1_4 }),
});
export type DeleteAttributeRequest = ValueOf<typeof deleteAttributeRequest>;

/** Response of Delete Attribute: 1.x gives the deleted attribute back. */
export const deleteAttributeResponse = structure("DeleteAttributeResponse", {
  uniqueIdentifier: answeredObject,
  attribute: changedAttribute,
});
export type DeleteAttributeResponse = ValueOf<typeof deleteAttributeResponse>;
