import type { Connection } from "../connection.js";
import { slot, statement } from "../statements.js";
import { tenantsTable } from "../tables.js";
import type { TenantRow } from "../types.js";
import type { WriteSession } from "../write-session.js";
import { updateRow } from "./update.js";

const byId = statement((knex) =>
  knex("tenants")
    .select(tenantsTable.selection.slice())
    .where({ id: slot(0) }),
);
const byName = statement((knex) =>
  knex("tenants")
    .select(tenantsTable.selection.slice())
    .where({ name: slot(0) }),
);
const all = statement((knex) => knex("tenants").select(tenantsTable.selection.slice()).orderBy("name"));

export const tenantReads = {
  byId: (connection: Connection, id: string): Promise<TenantRow | null> => connection.row(tenantsTable, byId, [id]),

  byName: (connection: Connection, name: string): Promise<TenantRow | null> =>
    connection.row(tenantsTable, byName, [name]),

  /** All tenants by name. */
  list: (connection: Connection): Promise<TenantRow[]> => connection.rows(tenantsTable, all, []),
};

export const tenantWrites = {
  /** Throws `duplicate` (tenants.id, tenants.name). */
  create: (session: WriteSession, tenant: TenantRow): void => session.insert(tenantsTable, [tenant]),

  /** Changes the given fields. Throws `conflict` where there is no such tenant. */
  update: (session: WriteSession, id: string, changes: Partial<Omit<TenantRow, "id" | "createdAt">>): Promise<void> =>
    updateRow(session, tenantsTable, { id }, changes),
};
