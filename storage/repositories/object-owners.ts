import type { Connection } from "../connection.js";
import { slot, statement } from "../statements.js";
import { objectOwnersTable } from "../tables.js";
import type { ObjectOwnerRow } from "../types.js";
import type { WriteSession } from "../write-session.js";

const ofObject = statement((knex) =>
  knex("object_owners")
    .select(objectOwnersTable.selection.slice())
    .where({ tenant_id: slot(0), object_id: slot(1) }),
);

const insertOwner = statement((knex) =>
  knex("object_owners")
    .insert({ tenant_id: slot(0), object_id: slot(1), owner: slot(2) })
    .onConflict(["tenant_id", "object_id"])
    .ignore(),
);

export const objectOwnerReads = {
  /** Who made an object, where the maker showed a credential; null for all others. */
  of: (connection: Connection, tenantId: string, objectId: string): Promise<ObjectOwnerRow | null> =>
    connection.row(objectOwnersTable, ofObject, [tenantId, objectId]),
};

export const objectOwnerWrites = {
  /** Once for each object: who has it keeps it. */
  async create(session: WriteSession, { tenantId, objectId, owner }: ObjectOwnerRow): Promise<void> {
    await session.run(insertOwner, [tenantId, objectId, owner]);
  },
};
