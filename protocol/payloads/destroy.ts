import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Destroy (KMIP 2.1 §6.1.15). */
export const destroyRequest = structure("DestroyRequest", {
  uniqueIdentifier: namedObject,
});
export type DestroyRequest = ValueOf<typeof destroyRequest>;

/** Response of Destroy. */
export const destroyResponse = structure("DestroyResponse", {
  uniqueIdentifier: answeredObject,
});
export type DestroyResponse = ValueOf<typeof destroyResponse>;
