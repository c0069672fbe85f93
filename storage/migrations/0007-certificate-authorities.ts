import type { Migration } from "./migration.js";

/** The certification authorities of the tenants: one row a generation, which is never changed. */
export const certificateAuthorities: Migration = {
  name: "0007-certificate-authorities",
  up: ({ schema }) => [
    schema.createTable("certificate_authorities", (table) => {
      table.text("tenant_id").notNullable();
      table.integer("generation").notNullable();
      table.text("certificate_object_id").notNullable();
      table.binary("certificate").notNullable();
      table.text("key_id").notNullable();
      table.text("custody").notNullable();
      table.binary("material").notNullable();
      table.integer("key_encryption_key_version").notNullable();
      table.bigInteger("created_at").notNullable();
      table.binary("integrity_tag").notNullable();
      table.primary(["tenant_id", "generation"], "certificate_authorities_pkey");
    }),
  ],
};
