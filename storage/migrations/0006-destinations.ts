import type { Migration } from "./migration.js";

/** Destinations of the messages that the server sends of itself, and the messages that wait for them. */
export const destinations: Migration = {
  name: "0006-destinations",
  up: ({ schema }) => [
    schema
      .createTable("destinations", (table) => {
        for (const column of ["id", "tenant_id", "name", "kind"]) table.text(column).notNullable();
        table.text("host");
        table.integer("port");
        table.text("client_id");
        table.text("certificate_pem");
        table.binary("sealed_key");
        table.text("authority_pem");
        table.integer("protocol_version");
        table.text("subscription").notNullable();
        table.bigInteger("created_at").notNullable();
        table.integer("failures").notNullable();
        table.bigInteger("next_attempt_at").notNullable();
        table.text("last_error");
        table.bigInteger("last_delivered_at");
        table.bigInteger("dropped").notNullable();
        table.text("claimed_by");
        table.bigInteger("claimed_until").notNullable();
        table.primary(["id"], "destinations_pkey");
        table.unique(["tenant_id", "name"], { indexName: "destinations_tenant_id_name_unique" });
      })
      .createTable("deliveries", (table) => {
        for (const column of ["id", "tenant_id", "destination_id"]) table.text(column).notNullable();
        table.bigInteger("queued_at").notNullable();
        table.integer("operation").notNullable();
        table.text("object_id").notNullable();
        table.text("detail").notNullable();
        table.bigInteger("expires_at").notNullable();
        table.primary(["id"], "deliveries_pkey");
        table.index(["destination_id", "queued_at", "id"], "deliveries_destination");
      }),
  ],
};
