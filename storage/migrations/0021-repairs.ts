import type { Migration } from "./migration.js";

/** Long tasks count what they mended. */
export const repairs: Migration = {
  name: "0021-repairs",
  up: ({ schema }) => [
    schema.alterTable("tasks", (table) => {
      table.bigInteger("repaired").notNullable().defaultTo(0);
    }),
  ],
};
