import type { Knex } from "knex";

/** The database a migration writes for. */
export type Dialect = "sqlite" | "postgresql";

/** A change of the schema. Migrations only add, and never change once released: old code runs on the new schema. */
export interface Migration {
  /** Sorts after all earlier ones. */
  readonly name: string;
  /** The statements, in order. */
  up(knex: Knex, dialect: Dialect): readonly (Knex.SchemaBuilder | string)[];
}
