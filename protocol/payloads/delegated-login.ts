import { ticket } from "../messages/header.js";
import type { ValueOf } from "../schema/codec.js";
import { required, structure } from "../schema/structure.js";
import { rights, ticketTerms } from "../structures/login.js";
import { Tag } from "../tags.js";

/** Request of Delegated Login (KMIP 2.1 §6.1.12). */
export const delegatedLoginRequest = structure("DelegatedLoginRequest", {
  ...ticketTerms,
  rights: required(Tag.Rights, rights),
});
export type DelegatedLoginRequest = ValueOf<typeof delegatedLoginRequest>;

/** Response of Delegated Login. */
export const delegatedLoginResponse = structure("DelegatedLoginResponse", {
  ticket: required(Tag.Ticket, ticket),
});
export type DelegatedLoginResponse = ValueOf<typeof delegatedLoginResponse>;
