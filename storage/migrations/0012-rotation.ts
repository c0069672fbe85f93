import type { Migration } from "./migration.js";

/** When the server is to replace an object by itself, in seconds since 1970; null for most. */
export const rotation: Migration = {
  name: "0012-rotation",
  up: (knex) => [
    knex.schema.alterTable("objects", (table) => {
      table.bigInteger("rotate_at");
      table.index(["rotate_at"], "objects_rotate_at", { predicate: knex.whereNotNull("rotate_at") });
    }),
  ],
};
