import type { Migration } from "./migration.js";

/** What tenants set over KMIP and operators set for them, one row each; tickets of logins; who made an object. */
export const tenantSettings: Migration = {
  name: "0004-tenant-settings",
  up: ({ schema }) => [
    schema
      .createTable("tenant_settings", (table) => {
        for (const column of ["tenant_id", "name", "value"]) table.text(column).notNullable();
        table.primary(["tenant_id", "name"], "tenant_settings_pkey");
      })
      .createTable("tickets", (table) => {
        for (const column of ["id", "tenant_id", "client_id", "kind"]) table.text(column).notNullable();
        table.bigInteger("expires_at").notNullable();
        table.bigInteger("requests_left");
        table.bigInteger("operations_left");
        table.text("rights");
        table.bigInteger("created_at").notNullable();
        table.primary(["id"], "tickets_pkey");
        table.index(["client_id"], "tickets_client_id");
        table.index(["expires_at"], "tickets_expires_at");
      })
      .createTable("ticket_rights", (table) => {
        table.text("ticket_id").notNullable();
        table.integer("place").notNullable();
        table.bigInteger("operations_left").notNullable();
        table.primary(["ticket_id", "place"], "ticket_rights_pkey");
      })
      .createTable("object_owners", (table) => {
        for (const column of ["tenant_id", "object_id", "owner"]) table.text(column).notNullable();
        table.primary(["tenant_id", "object_id"], "object_owners_pkey");
      })
      .alterTable("client_credentials", (table) => {
        table.text("kind");
        table.binary("sealed_secrets");
        table.bigInteger("last_used");
      }),
  ],
};
