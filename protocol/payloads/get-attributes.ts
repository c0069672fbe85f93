import { attributeList, attributeNames } from "../attributes/fields.js";
import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Get Attributes (KMIP 2.1 §6.1.20): no name asks for all. */
export const getAttributesRequest = structure("GetAttributesRequest", {
  uniqueIdentifier: namedObject,
  attributeNames,
});
export type GetAttributesRequest = ValueOf<typeof getAttributesRequest>;

/** Response of Get Attributes. */
export const getAttributesResponse = structure("GetAttributesResponse", {
  uniqueIdentifier: answeredObject,
  attributes: attributeList({ always: true }),
});
export type GetAttributesResponse = ValueOf<typeof getAttributesResponse>;
