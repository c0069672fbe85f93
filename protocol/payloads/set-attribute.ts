import { singleAttribute } from "../attributes/fields.js";
import { mandatory } from "../schema/choice.js";
import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Set Attribute (KMIP 2.1 §6.1.51). */
export const setAttributeRequest = structure("SetAttributeRequest", {
  uniqueIdentifier: namedObject,
  newAttribute: mandatory(singleAttribute(Tag.NewAttribute, { oneX: true })),
});
export type SetAttributeRequest = ValueOf<typeof setAttributeRequest>;

/** Response of Set Attribute. */
export const setAttributeResponse = structure("SetAttributeResponse", {
  uniqueIdentifier: answeredObject,
});
export type SetAttributeResponse = ValueOf<typeof setAttributeResponse>;
