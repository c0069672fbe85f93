import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { type Statement, slot, statement } from "../statements.js";
import { ticketRightsTable, ticketsTable } from "../tables.js";
import type { TicketRightRow, TicketRow } from "../types.js";
import type { WriteSession } from "../write-session.js";

const byId = statement((knex) =>
  knex("tickets")
    .select(ticketsTable.selection.slice())
    .where({ id: slot(0) }),
);
const rightsOf = statement((knex) =>
  knex("ticket_rights")
    .select(ticketRightsTable.selection.slice())
    .where({ ticket_id: slot(0) })
    .orderBy("place"),
);
const openTicketsOf = statement((knex) =>
  knex("tickets")
    .count({ open: "*" })
    .where({ client_id: slot(0) })
    .where("expires_at", ">", slot(1)),
);
const takeRequest = statement((knex) =>
  knex("tickets")
    .where({ id: slot(0) })
    .where("requests_left", ">", 0)
    .decrement("requests_left", 1),
);
const takeOperation = statement((knex) =>
  knex("tickets")
    .where({ id: slot(0) })
    .where("operations_left", ">", 0)
    .decrement("operations_left", 1),
);
const takeOfRight = statement((knex) =>
  knex("ticket_rights")
    .where({ ticket_id: slot(0), place: slot(1) })
    .where("operations_left", ">", 0)
    .decrement("operations_left", 1),
);
const removeTicket = statement((knex) =>
  knex("tickets")
    .where({ id: slot(0) })
    .delete(),
);
const removeRights = statement((knex) =>
  knex("ticket_rights")
    .where({ ticket_id: slot(0) })
    .delete(),
);
const removeExpiredRights = statement((knex) =>
  knex("ticket_rights")
    .whereIn("ticket_id", knex("tickets").select("id").where("expires_at", "<", slot(0)))
    .delete(),
);
const removeExpiredTickets = statement((knex) => knex("tickets").where("expires_at", "<", slot(0)).delete());

async function take(session: WriteSession, counter: Statement, values: readonly (string | number)[]): Promise<void> {
  if ((await session.run(counter, values)) === 1) return;
  throw new StorageError("used-up", "the ticket is gone or used up");
}

export const ticketReads = {
  byId: (connection: Connection, id: string): Promise<TicketRow | null> => connection.row(ticketsTable, byId, [id]),

  /** What is left of the limits of the rights that have one, by their place. */
  rights: (connection: Connection, id: string): Promise<TicketRightRow[]> =>
    connection.rows(ticketRightsTable, rightsOf, [id]),

  /** How many tickets of a client hold at a time (milliseconds). */
  async openOf(connection: Connection, clientId: string, atMs: number): Promise<number> {
    const [row] = await connection.select(openTicketsOf, [clientId, atMs]);
    return Number(row?.["open"] ?? 0);
  },
};

export const ticketWrites = {
  create(session: WriteSession, ticket: TicketRow, rights: readonly TicketRightRow[]): void {
    session.insert(ticketsTable, [ticket]);
    session.insert(ticketRightsTable, rights);
  },

  /** Counts one request message. Throws `used-up` where none is left. */
  takeRequest: (session: WriteSession, id: string): Promise<void> => take(session, takeRequest, [id]),

  /** Counts one operation. Throws `used-up` where none is left. */
  takeOperation: (session: WriteSession, id: string): Promise<void> => take(session, takeOperation, [id]),

  /** Counts one operation by one of the rights. Throws `used-up` where none is left. */
  takeOfRight: (session: WriteSession, id: string, place: number): Promise<void> =>
    take(session, takeOfRight, [id, place]),

  /** Takes a ticket back. Throws `conflict` where there is none. */
  async remove(session: WriteSession, id: string): Promise<void> {
    await session.run(removeRights, [id]);
    if ((await session.run(removeTicket, [id])) === 0) throw new StorageError("conflict", "there is no such ticket");
  },

  /** Forgets the tickets whose time has passed (milliseconds). */
  async removeExpired(session: WriteSession, beforeMs: number): Promise<void> {
    await session.run(removeExpiredRights, [beforeMs]);
    await session.run(removeExpiredTickets, [beforeMs]);
  },
};
