import type { Migration } from "./migration.js";

/** Requests that are worked on apart from the message that brought them. What they hold is sealed. */
export const asynchronousRequests: Migration = {
  name: "0003-asynchronous-requests",
  up: (knex) => [
    knex.schema.createTable("asynchronous_requests", (table) => {
      for (const column of ["tenant_id", "id", "client_id", "batch_id"]) table.text(column).notNullable();
      table.integer("position").notNullable();
      table.integer("is_unit").notNullable();
      table.integer("operation").notNullable();
      table.text("state").notNullable();
      table.bigInteger("submitted_at").notNullable();
      table.bigInteger("not_before").notNullable();
      table.text("claim");
      table.bigInteger("claimed_at");
      table.text("node_id").notNullable();
      table.bigInteger("obtained_at");
      table.integer("is_processed").notNullable();
      table.bigInteger("expires_at").notNullable();
      table.binary("sealed_request");
      table.binary("sealed_answer");
      table.primary(["tenant_id", "id"], "asynchronous_requests_pkey");
      table.index(["tenant_id", "client_id", "submitted_at"], "asynchronous_requests_client");
      table.index(["batch_id", "position"], "asynchronous_requests_batch");
      table.index(["state", "not_before"], "asynchronous_requests_state");
      table.index(["expires_at"], "asynchronous_requests_expires_at");
    }),
  ],
};
