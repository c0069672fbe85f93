import type { ValueOf } from "../schema/codec.js";
import { structure } from "../schema/structure.js";

/** Request of Ping (KMIP 2.1 §6.1.36). */
export const pingRequest = structure("PingRequest", {});
export type PingRequest = ValueOf<typeof pingRequest>;

/** Response of Ping. */
export const pingResponse = structure("PingResponse", {});
export type PingResponse = ValueOf<typeof pingResponse>;
