import type { Connection } from "../connection.js";
import { deliveriesTable, destinationsTable } from "../destination-tables.js";
import type { DeliveryRow, DestinationAttempt, DestinationRow } from "../destination-types.js";
import { StorageError } from "../errors.js";
import { slot, statement } from "../statements.js";
import type { WriteSession } from "../write-session.js";
import { updateRow } from "./update.js";

const selection = destinationsTable.selection.slice();

const ofTenant = statement((knex) =>
  knex("destinations")
    .select(selection)
    .where({ tenant_id: slot(0) })
    .orderBy("name"),
);
const byName = statement((knex) =>
  knex("destinations")
    .select(selection)
    .where({ tenant_id: slot(0), name: slot(1) }),
);
// Few destinations, each with an index on its deliveries: no scan of what waits.
const due = statement((knex) =>
  knex("destinations")
    .select(selection)
    .where("next_attempt_at", "<=", slot(0))
    .whereExists(knex("deliveries").select("id").where("destination_id", knex.ref("destinations.id")))
    .orderBy("next_attempt_at"),
);
const nextAttempt = statement((knex) =>
  knex("destinations")
    .min("next_attempt_at as at")
    .whereExists(knex("deliveries").select("id").where("destination_id", knex.ref("destinations.id"))),
);
const firstDelivery = statement((knex) =>
  knex("deliveries")
    .select(deliveriesTable.selection.slice())
    .where({ destination_id: slot(0) })
    .orderBy(["queued_at", "id"])
    .limit(1),
);
const countDeliveries = statement((knex) =>
  knex("deliveries")
    .count("id as count")
    .where({ destination_id: slot(0) }),
);
const claim = statement((knex) =>
  knex("destinations")
    .where({ id: slot(2) })
    .where((free) => free.where("claimed_until", "<", slot(3)).orWhere("claimed_by", slot(0)))
    .update({ claimed_by: slot(0), claimed_until: slot(1) }),
);
const drop = statement((knex) =>
  knex("destinations")
    .where({ id: slot(0) })
    .update({ dropped: knex.raw("dropped + 1") }),
);
const removeDestination = statement((knex) =>
  knex("destinations")
    .where({ tenant_id: slot(0), id: slot(1) })
    .delete(),
);
const removeDeliveries = statement((knex) =>
  knex("deliveries")
    .where({ destination_id: slot(0) })
    .delete(),
);
const removeDelivery = statement((knex) =>
  knex("deliveries")
    .where({ id: slot(0) })
    .delete(),
);

export const destinationReads = {
  /** The destinations of a tenant by name. */
  list: (connection: Connection, tenantId: string): Promise<DestinationRow[]> =>
    connection.rows(destinationsTable, ofTenant, [tenantId]),

  byName: (connection: Connection, tenantId: string, name: string): Promise<DestinationRow | null> =>
    connection.row(destinationsTable, byName, [tenantId, name]),

  /** Destinations that something waits for and whose next attempt is due (milliseconds since 1970). */
  due: (connection: Connection, nowMs: number): Promise<DestinationRow[]> =>
    connection.rows(destinationsTable, due, [nowMs]),

  /** When the next attempt at any destination is due; null where nothing waits. */
  async nextAttempt(connection: Connection): Promise<number | null> {
    const [row] = await connection.select(nextAttempt, []);
    return (row?.["at"] as number | null | undefined) ?? null;
  },

  /** The message a destination is to get next. */
  firstDelivery: (connection: Connection, destinationId: string): Promise<DeliveryRow | null> =>
    connection.row(deliveriesTable, firstDelivery, [destinationId]),

  /** How many messages wait for a destination. */
  async waiting(connection: Connection, destinationId: string): Promise<number> {
    const [row] = await connection.select(countDeliveries, [destinationId]);
    return Number(row?.["count"]);
  },
};

export const destinationWrites = {
  /** Throws `duplicate` (destinations.name). */
  create: (session: WriteSession, destination: DestinationRow): void =>
    session.insert(destinationsTable, [destination]),

  /** Removes a destination with all that waits for it. Throws `conflict` where there is none. */
  async remove(session: WriteSession, tenantId: string, id: string): Promise<void> {
    if ((await session.run(removeDestination, [tenantId, id])) === 0) {
      throw new StorageError("conflict", "there is no such destination");
    }
    await session.run(removeDeliveries, [id]);
  },

  /** Has a message wait, unless as many wait already as the limit says: then it is counted as dropped. */
  async queue(session: WriteSession, delivery: DeliveryRow, limit: number): Promise<void> {
    const [row] = await session.select(countDeliveries, [delivery.destinationId]);
    if (Number(row?.["count"]) < limit) session.insert(deliveriesTable, [delivery]);
    else await session.run(drop, [delivery.destinationId]);
  },

  /** Takes a destination for one node until a time. Gives whether it was free. */
  async claim(session: WriteSession, id: string, nowMs: number, untilMs: number): Promise<boolean> {
    return (await session.run(claim, [session.nodeId, untilMs, id, nowMs])) === 1;
  },

  /** Records how an attempt ended; throws `conflict` where the destination is gone. */
  attempted: (session: WriteSession, id: string, attempt: DestinationAttempt): Promise<void> =>
    updateRow(session, destinationsTable, { id }, { ...attempt, claimedUntil: 0 }),

  /** Has a destination tried at once. */
  hasten: (session: WriteSession, id: string): Promise<void> =>
    updateRow(session, destinationsTable, { id }, { nextAttemptAt: 0 }),

  /** Ends a delivery. Throws `conflict` where it is gone. */
  async delivered(session: WriteSession, id: string): Promise<void> {
    if ((await session.run(removeDelivery, [id])) === 0) throw new StorageError("conflict", "the delivery is gone");
  },
};
