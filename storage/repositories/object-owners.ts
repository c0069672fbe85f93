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

export const objectOwnerReads = {
  /** Who made an object, where the maker showed a credential; null for all others. */
  of: (connection: Connection, tenantId: string, objectId: string): Promise<ObjectOwnerRow | null> =>
    connection.row(objectOwnersTable, ofObject, [tenantId, objectId]),
};

export const objectOwnerWrites = {
  create: (session: WriteSession, owner: ObjectOwnerRow): void => session.insert(objectOwnersTable, [owner]),
};
