import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Activate (KMIP 2.1 §6.1.1). */
export const activateRequest = structure("ActivateRequest", {
  uniqueIdentifier: namedObject,
});
export type ActivateRequest = ValueOf<typeof activateRequest>;

/** Response of Activate. */
export const activateResponse = structure("ActivateResponse", {
  uniqueIdentifier: answeredObject,
});
export type ActivateResponse = ValueOf<typeof activateResponse>;
