import type { Migration } from "./migration.js";

/**
 * What SQLite's planner is to expect of the index of attributes: rows of it, then rows for each further column that is
 * known. Without figures it takes one tenant to have a handful of them, and walks all of a tenant's to find those of one
 * object. They are made up, so that plans stay the same whatever the tables hold.
 */
const expectations = [
  ["object_attributes", "object_attributes", "4000000 400000 20000 4 1 1"],
  ["object_attributes", "object_attributes_object_id", "4000000 400000 4 1"],
  ["object_attributes", "object_attributes_number", "1000000 100000 20000 4"],
] as const;

/** Tells SQLite which index leads to few rows. PostgreSQL finds out by itself. */
export const indexStatistics: Migration = {
  name: "0015-index-statistics",
  up: (_knex, dialect) =>
    dialect === "postgresql"
      ? []
      : [
          "analyze object_attributes",
          "delete from sqlite_stat1",
          ...expectations.map(
            ([table, index, rows]) =>
              `insert into sqlite_stat1 (tbl, idx, stat) values ('${table}', '${index}', '${rows}')`,
          ),
          "analyze sqlite_schema",
        ],
};
