import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";
import { answeredObject, namedObject } from "./fields.js";

/** Request of Recover (KMIP 2.1 §6.1.42). */
export const recoverRequest = structure("RecoverRequest", {
  uniqueIdentifier: namedObject,
});
export type RecoverRequest = ValueOf<typeof recoverRequest>;

/** Response of Recover. */
export const recoverResponse = structure("RecoverResponse", {
  uniqueIdentifier: answeredObject,
});
export type RecoverResponse = ValueOf<typeof recoverResponse>;
