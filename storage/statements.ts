import type { Knex } from "knex";
import { LRUCache } from "lru-cache";
import type { Binding, Table } from "./tables.js";

/** Builds a statement for the dialect of the given knex, with `slot(n)` in the place of each value bound later. */
export type StatementBuild = (knex: Knex) => Knex.QueryBuilder | Knex.Raw;

/**
 * A statement that knex compiles once per connection (about 40 µs) and the driver keeps prepared. Make them at module
 * level, or through statementOf where the shape depends on the call.
 */
export interface Statement {
  readonly build: StatementBuild;
}

/** SQL of one dialect: each part of the template is a constant or the number of the slot to bind there. */
export interface CompiledStatement {
  readonly sql: string;
  readonly template: readonly ({ readonly slot: number } | { readonly constant: Binding })[];
}

// A control character keeps the marker apart from anything a statement would hold as a constant.
const marker = "\u0000slot:";

/** The place of the n-th value, counted from 0. */
export function slot(index: number): string {
  return `${marker}${index}`;
}

/** A statement of fixed shape. */
export function statement(build: StatementBuild): Statement {
  return { build };
}

/** Statements whose shape depends on the call: how many are kept. */
const shapeLimit = 500;

/** Statements a connection keeps prepared, at most, where the driver does not forget unused ones by itself. */
export const preparedLimit = 800;

const shapes = new LRUCache<string, Statement>({ max: shapeLimit });

/** The statement of this shape, built on first use and again when it was long unused. */
export function statementOf(shape: string, build: StatementBuild): Statement {
  const known = shapes.get(shape);
  if (known !== undefined) return known;
  const made = statement(build);
  shapes.set(shape, made);
  return made;
}

/** Has knex write the SQL. */
export function compile(knex: Knex, { build }: Statement): CompiledStatement {
  const { sql, bindings } = build(knex).toSQL().toNative();
  const template = (bindings as readonly Binding[]).map((value) =>
    typeof value === "string" && value.startsWith(marker)
      ? { slot: Number(value.slice(marker.length)) }
      : { constant: value },
  );
  return { sql, template };
}

/** The values of a call in the order the SQL wants them. */
export function bind({ template }: CompiledStatement, values: readonly Binding[]): Binding[] {
  return template.map((part) => {
    if ("constant" in part) return part.constant;
    const value = values[part.slot];
    if (value === undefined) throw new TypeError(`no value for slot ${part.slot}`);
    return value;
  });
}

/** The statement that inserts `count` rows; its values are those of Table.bindings, row after row. */
export function insertion<Row>(table: Table<Row>, count: number): Statement {
  return statementOf(`insert ${count} ${table.name}`, (knex) => {
    const width = table.fields.length;
    const rows = Array.from({ length: count }, (_row, index) =>
      Object.fromEntries(table.fields.map((field, position) => [table.column(field), slot(index * width + position)])),
    );
    return knex(table.name).insert(rows);
  });
}
