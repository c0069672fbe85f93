import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { trustedAuthoritiesTable } from "../first-contact-tables.js";
import type { TrustedAuthorityRow } from "../first-contact-types.js";
import { slot, statement } from "../statements.js";
import type { WriteSession } from "../write-session.js";
import { updateRow } from "./update.js";

const selection = trustedAuthoritiesTable.selection.slice();
const revisions = statement((knex) => knex("trusted_authorities").select("id", "revision").orderBy("id"));
const byId = statement((knex) =>
  knex("trusted_authorities")
    .select(selection)
    .where({ id: slot(0) }),
);
const byName = statement((knex) =>
  knex("trusted_authorities")
    .select(selection)
    .where({ tenant_id: slot(0), name: slot(1) }),
);
const ofTenant = statement((knex) =>
  knex("trusted_authorities")
    .select(selection)
    .where({ tenant_id: slot(0) })
    .orderBy("name"),
);
const remove = statement((knex) =>
  knex("trusted_authorities")
    .where({ tenant_id: slot(0), id: slot(1) })
    .delete(),
);

export const trustedAuthorityReads = {
  /** Which authorities there are, and at which revision each stands: cheap to ask often. */
  async revisions(connection: Connection): Promise<readonly { readonly id: string; readonly revision: number }[]> {
    const rows = await connection.select(revisions, []);
    return rows.map((row) => ({ id: String(row["id"]), revision: Number(row["revision"]) }));
  },
  byId: (connection: Connection, id: string): Promise<TrustedAuthorityRow | null> =>
    connection.row(trustedAuthoritiesTable, byId, [id]),
  byName: (connection: Connection, tenantId: string, name: string): Promise<TrustedAuthorityRow | null> =>
    connection.row(trustedAuthoritiesTable, byName, [tenantId, name]),
  /** The authorities that a tenant trusts, by name. */
  list: (connection: Connection, tenantId: string): Promise<TrustedAuthorityRow[]> =>
    connection.rows(trustedAuthoritiesTable, ofTenant, [tenantId]),
};

export const trustedAuthorityWrites = {
  /** Throws `duplicate` (trusted_authorities.name). */
  create: (session: WriteSession, authority: TrustedAuthorityRow): void =>
    session.insert(trustedAuthoritiesTable, [authority]),
  /** Changes an authority that stands at the revision. Throws `conflict` where it does not. */
  update: (
    session: WriteSession,
    { id, tenantId, revision }: Pick<TrustedAuthorityRow, "id" | "tenantId" | "revision">,
    changes: Partial<Omit<TrustedAuthorityRow, "id" | "tenantId" | "createdAt" | "revision">>,
  ): Promise<void> =>
    updateRow(session, trustedAuthoritiesTable, { tenantId, id, revision }, { ...changes, revision: revision + 1 }),
  /** Throws `conflict` where there is none. */
  async remove(session: WriteSession, tenantId: string, id: string): Promise<void> {
    if ((await session.run(remove, [tenantId, id])) === 1) return;
    throw new StorageError("conflict", "there is no such trusted authority");
  },
};
