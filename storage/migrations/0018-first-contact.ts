import type { Migration } from "./migration.js";

/** Certificates that wait for an operator, authorities that tenants trust, and who vouches for a client's certificate. */
export const firstContact: Migration = {
  name: "0018-first-contact",
  up: ({ schema }) => [
    schema
      .alterTable("client_certificates", (table) => {
        table.text("vouched_by");
      })
      .createTable("waiting_certificates", (table) => {
        for (const column of ["fingerprint", "subject", "issuer", "key_type", "pem", "source_address", "listener"]) {
          table.text(column).notNullable();
        }
        for (const column of ["not_before", "not_after", "first_seen", "last_seen", "count"]) {
          table.bigInteger(column).notNullable();
        }
        table.text("state").notNullable();
        table.text("authority_id");
        table.text("suggested_name");
        table.text("note");
        table.primary(["fingerprint"], "waiting_certificates_pkey");
        table.index(["last_seen"], "waiting_certificates_last_seen");
      })
      .createTable("trusted_authorities", (table) => {
        for (const column of ["id", "tenant_id", "name", "certificates", "rules", "name_from"]) {
          table.text(column).notNullable();
        }
        table.text("revocation_lists");
        for (const column of ["auto_register", "created_at", "changed_at", "revision"]) {
          table.bigInteger(column).notNullable();
        }
        table.primary(["id"], "trusted_authorities_pkey");
        table.unique(["tenant_id", "name"], { indexName: "trusted_authorities_tenant_id_name_unique" });
      }),
  ],
};
