import { Operation } from "#protocol/enums/index.js";
import { delegatedLoginRequest, delegatedLoginResponse } from "#protocol/payloads/delegated-login.js";
import { V2_0 } from "#protocol/versions.js";
import { defineOperation } from "./contract/operation.js";
import { newTicket } from "./sessions/new-ticket.js";

/**
 * Delegated Login (KMIP 2.1 §6.1.12): a ticket for somebody else, good for what one of its rights allows and for nothing
 * that the caller may not do itself.
 */
export const delegatedLogin = defineOperation({
  code: Operation.DelegatedLogin,
  name: "Delegated Login",
  versions: { since: V2_0 },
  request: delegatedLoginRequest,
  response: delegatedLoginResponse,
  permission: "inquire",
  asynchrony: "never",
  run: async (context, { rights, ...terms }) => ({ ticket: await newTicket(context, terms, rights) }),
});
