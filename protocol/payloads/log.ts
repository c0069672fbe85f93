import { textString, type ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of Log (KMIP 2.1 §6.1.29). */
export const logRequest = structure("LogRequest", {
  logMessage: required(Tag.LogMessage, textString),
});
export type LogRequest = ValueOf<typeof logRequest>;

/** Response of Log. */
export const logResponse = structure("LogResponse", {});
export type LogResponse = ValueOf<typeof logResponse>;
