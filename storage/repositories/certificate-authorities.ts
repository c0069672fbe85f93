import { certificateAuthoritiesTable } from "../authority-tables.js";
import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { slot, statement } from "../statements.js";
import type { CertificateAuthorityRow } from "../types.js";
import type { WriteSession } from "../write-session.js";
import { updateRow } from "./update.js";

const { fields } = certificateAuthoritiesTable;

const ofTenant = statement((knex) =>
  knex("certificate_authorities")
    .select(certificateAuthoritiesTable.selection.slice())
    .where({ tenant_id: slot(0) })
    .orderBy("generation", "desc"),
);
const insertOne = statement((knex) =>
  knex("certificate_authorities")
    .insert(Object.fromEntries(fields.map((field, index) => [certificateAuthoritiesTable.column(field), slot(index)])))
    .onConflict(["tenant_id", "generation"])
    .ignore(),
);

export const certificateAuthorityReads = {
  /** All generations of a tenant's authority, newest first. */
  list: (connection: Connection, tenantId: string): Promise<CertificateAuthorityRow[]> =>
    connection.rows(certificateAuthoritiesTable, ofTenant, [tenantId]),
};

export const certificateAuthorityWrites = {
  /** Throws `conflict` where another request has made this generation at the same time. */
  async create(session: WriteSession, row: CertificateAuthorityRow): Promise<void> {
    const inserted = await session.run(insertOne, certificateAuthoritiesTable.bindings(row));
    if (inserted === 0) throw new StorageError("conflict", "the generation of the authority is there already");
  },

  /** Keeps a key wrapped anew. Throws `conflict` where it is not under that version any more. */
  replaceMaterial: (
    session: WriteSession,
    { tenantId, generation, material, keyEncryptionKeyVersion, integrityTag }: CertificateAuthorityRow,
    expectedVersion: number,
  ): Promise<void> =>
    updateRow(
      session,
      certificateAuthoritiesTable,
      { tenantId, generation, keyEncryptionKeyVersion: expectedVersion },
      { material, keyEncryptionKeyVersion, integrityTag },
    ),
};
