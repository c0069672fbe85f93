import { Operation } from "#protocol/enums/index.js";
import { loginRequest, loginResponse } from "#protocol/payloads/login.js";
import { V2_0 } from "#protocol/versions.js";
import { defineOperation } from "./contract/operation.js";
import { newTicket } from "./sessions/new-ticket.js";

/** Login (KMIP 2.1 §6.1.30): a ticket that stands for the caller's credentials in later requests, for a time. */
export const login = defineOperation({
  code: Operation.Login,
  name: "Login",
  versions: { since: V2_0 },
  request: loginRequest,
  response: loginResponse,
  permission: "inquire",
  asynchrony: "never",
  run: async (context, terms) => ({ ticket: await newTicket(context, terms) }),
});
