import { Operation } from "#protocol/enums/index.js";
import { logoutRequest, logoutResponse } from "#protocol/payloads/logout.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { change } from "#storage/changes.js";
import { defineOperation } from "./contract/operation.js";

/** Logout (KMIP 2.1 §6.1.31): the ticket is good for nothing any more. Who got it may do that, and who shows it. */
export const logout = defineOperation({
  code: Operation.Logout,
  name: "Logout",
  versions: { since: V2_0 },
  request: logoutRequest,
  response: logoutResponse,
  permission: "inquire",
  asynchrony: "never",
  async run({ request, tickets, tenantId, changes }, { ticket }) {
    if (ticket.ticketValue.length === 0) throw new KmipError("InvalidField", "a Ticket Value is not empty");
    const row = await tickets.find(tenantId, ticket);
    const { caller } = request;
    if (row.clientId !== caller.clientId && row.id !== caller.ticket?.id) {
      throw new KmipError("InvalidTicket", "the ticket is not valid, or not any more");
    }
    changes.add(change("tickets", "remove", row.id));
    return {};
  },
});
