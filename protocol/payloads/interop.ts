import { textString, type ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of Interop (KMIP 2.1 §6.1.26). */
export const interopRequest = structure("InteropRequest", {
  interopFunction: requiredEnumeration(Tag.InteropFunction),
  interopIdentifier: required(Tag.InteropIdentifier, textString),
});
export type InteropRequest = ValueOf<typeof interopRequest>;

/** Response of Interop. */
export const interopResponse = structure("InteropResponse", {});
export type InteropResponse = ValueOf<typeof interopResponse>;
