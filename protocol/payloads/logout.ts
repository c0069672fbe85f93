import { ticket } from "../messages/header.js";
import type { ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of Logout (KMIP 2.1 §6.1.31). */
export const logoutRequest = structure("LogoutRequest", {
  ticket: required(Tag.Ticket, ticket),
});
export type LogoutRequest = ValueOf<typeof logoutRequest>;

/** Response of Logout. */
export const logoutResponse = structure("LogoutResponse", {});
export type LogoutResponse = ValueOf<typeof logoutResponse>;
