import type { ValueOf } from "../schema/codec.js";
import { optional, structure } from "../schema/structure.js";
import { defaultsInformation } from "../structures/defaults.js";
import { Tag } from "../tags.js";

/** Request of Set Defaults (KMIP 2.1 §6.1.53): none puts back the server's own. */
export const setDefaultsRequest = structure("SetDefaultsRequest", {
  defaultsInformation: optional(Tag.DefaultsInformation, defaultsInformation),
});
export type SetDefaultsRequest = ValueOf<typeof setDefaultsRequest>;

/** Response of Set Defaults. */
export const setDefaultsResponse = structure("SetDefaultsResponse", {});
export type SetDefaultsResponse = ValueOf<typeof setDefaultsResponse>;
