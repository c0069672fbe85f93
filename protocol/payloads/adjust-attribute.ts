import { attributeName } from "../attributes/fields.js";
import { mandatory } from "../schema/choice.js";
import { anyItem, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { optional, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Adjust Attribute (KMIP 2.1 §6.1.3): the value has the type of the attribute. */
export const adjustAttributeRequest = structure("AdjustAttributeRequest", {
  uniqueIdentifier: namedObject,
  attributeName: mandatory(attributeName),
  adjustmentType: requiredEnumeration(Tag.AdjustmentType),
  adjustmentValue: optional(Tag.AdjustmentValue, anyItem),
});
export type AdjustAttributeRequest = ValueOf<typeof adjustAttributeRequest>;

/** Response of Adjust Attribute. */
export const adjustAttributeResponse = structure("AdjustAttributeResponse", {
  uniqueIdentifier: answeredObject,
});
export type AdjustAttributeResponse = ValueOf<typeof adjustAttributeResponse>;
