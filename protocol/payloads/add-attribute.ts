import { changedAttribute, singleAttribute } from "../attributes/fields.js";
import { mandatory } from "../schema/choice.js";
import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Add Attribute (KMIP 2.1 §6.1.2). */
export const addAttributeRequest = structure("AddAttributeRequest", {
  uniqueIdentifier: namedObject,
  newAttribute: mandatory(singleAttribute(Tag.NewAttribute, { oneX: true })),
});
export type AddAttributeRequest = ValueOf<typeof addAttributeRequest>;

/** Response of Add Attribute: 1.x gives the attribute back as it now stands. */
export const addAttributeResponse = structure("AddAttributeResponse", {
  uniqueIdentifier: answeredObject,
  attribute: changedAttribute,
});
export type AddAttributeResponse = ValueOf<typeof addAttributeResponse>;
