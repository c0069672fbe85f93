import { changedAttribute, singleAttribute } from "../attributes/fields.js";
import { mandatory } from "../schema/choice.js";
import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject } from "./fields.js";

/**
 * Request of Modify Attribute (KMIP 2.1 §6.1.34): which of several values is meant, 2.x says by Current Attribute, 1.x
 * by the index.
 */
export const modifyAttributeRequest = structure("ModifyAttributeRequest", {
  uniqueIdentifier: namedObject,
  currentAttribute: singleAttribute(Tag.CurrentAttribute, { oneX: false }),
  newAttribute: mandatory(singleAttribute(Tag.NewAttribute, { oneX: true })),
});
export type ModifyAttributeRequest = ValueOf<typeof modifyAttributeRequest>;

/** Response of Modify Attribute: 1.x gives the attribute back as it now stands. */
export const modifyAttributeResponse = structure("ModifyAttributeResponse", {
  uniqueIdentifier: answeredObject,
  attribute: changedAttribute,
});
export type ModifyAttributeResponse = ValueOf<typeof modifyAttributeResponse>;
