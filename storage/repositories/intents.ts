import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { slot, statement } from "../statements.js";
import { intentsTable } from "../tables.js";
import type { IntentRow } from "../types.js";
import type { WriteSession } from "../write-session.js";

const olderThan = statement((knex) =>
  knex("intents")
    .select(intentsTable.selection.slice())
    .where("created_at", "<", slot(0))
    .orderByRaw("created_at, id limit ?", [slot(1)]),
);
const ofTenant = statement((knex) =>
  knex("intents")
    .select(intentsTable.selection.slice())
    .where({ tenant_id: slot(0) })
    .where("created_at", "<", slot(1))
    .orderByRaw("created_at, id limit ?", [slot(2)]),
);
const deleteIntent = statement((knex) =>
  knex("intents")
    .where({ id: slot(0) })
    .delete(),
);

export const intentReads = {
  /** Intents still open that began before a time (milliseconds), oldest first. */
  olderThan: (connection: Connection, beforeMs: number, limit: number): Promise<IntentRow[]> =>
    connection.rows(intentsTable, olderThan, [beforeMs, limit]),

  /** The same, of one tenant alone. */
  ofTenant: (connection: Connection, tenantId: string, beforeMs: number, limit: number): Promise<IntentRow[]> =>
    connection.rows(intentsTable, ofTenant, [tenantId, beforeMs, limit]),
};

export const intentWrites = {
  /** Throws `duplicate` (intents.id). */
  open: (session: WriteSession, intent: IntentRow): void => session.insert(intentsTable, [intent]),

  /** Throws `conflict` where the intent is no longer open: somebody else has settled it. */
  async close(session: WriteSession, id: string): Promise<void> {
    if ((await session.run(deleteIntent, [id])) === 0) {
      throw new StorageError("conflict", "the intent is settled already");
    }
  },
};
