import { attributeNames } from "../attributes/fields.js";
import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Get Attribute List (KMIP 2.1 §6.1.21). */
export const getAttributeListRequest = structure("GetAttributeListRequest", {
  uniqueIdentifier: namedObject,
});
export type GetAttributeListRequest = ValueOf<typeof getAttributeListRequest>;

/** Response of Get Attribute List. */
export const getAttributeListResponse = structure("GetAttributeListResponse", {
  uniqueIdentifier: answeredObject,
  attributeNames,
});
export type GetAttributeListResponse = ValueOf<typeof getAttributeListResponse>;
