import { ticket } from "../messages/header.js";
import type { ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { ticketTerms } from "../structures/login.js";
import { Tag } from "../tags.js";

/** Request of Login (KMIP 2.1 §6.1.30). */
export const loginRequest = structure("LoginRequest", {
  ...ticketTerms,
});
export type LoginRequest = ValueOf<typeof loginRequest>;

/** Response of Login. */
export const loginResponse = structure("LoginResponse", {
  ticket: required(Tag.Ticket, ticket),
});
export type LoginResponse = ValueOf<typeof loginResponse>;
