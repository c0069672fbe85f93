import type { Knex } from "knex";
import { type Binding, binding, objectsTable } from "../tables.js";
import { type LocateFilter, locateDateColumns } from "../types.js";

/** Where a search driven by a condition starts. */
export interface LocateDriver {
  readonly table: "object_names" | "object_attributes" | "objects";
  /** The column that holds the object's id. */
  readonly objectId: "object_id" | "id";
  /** Lower is more selective. */
  readonly rank: number;
  /** Its rows come out of their index in the order of creation. */
  readonly ordered: boolean;
  /** It may lead to the same object more than once. */
  readonly repeats: boolean;
}

/** A filter of Locate as a condition on the rows of a table. */
export interface Condition {
  /** The same for all conditions that differ in their values only. */
  readonly shape: string;
  readonly table: LocateDriver["table"];
  readonly values: readonly Binding[];
  /** undefined where no index serves the condition. */
  readonly driver: LocateDriver | undefined;
  /** Restricts a query over the table; `slots` stand for `values`. */
  restrict(query: Knex.QueryBuilder, columns: Columns, slots: readonly string[]): void;
}

/** The columns of a table in a query. */
export interface Columns {
  of(name: string): string;
  /** A column of numbers; an expression that no index serves where the rows were found by another condition already. */
  number(name: string): string | Knex.Raw;
  /** A column of texts, likewise. */
  text(name: string): string | Knex.Raw;
}

type FilterOf<On extends LocateFilter["on"]> = Extract<LocateFilter, { on: On }>;
type Limits = Pick<FilterOf<"attributeRange">, "from" | "to">;
type Restrict = Condition["restrict"];

const limitValues = ({ from, to }: Limits): Binding[] => [from, to].filter((limit) => limit !== undefined).map(binding);

const limitShape = ({ from, to }: Limits): string =>
  `${from === undefined ? "" : "from"}:${to === undefined ? "" : "to"}`;

/** Restricts a column to a range; `slots` are those of limitValues. */
function within(query: Knex.QueryBuilder, of: string | Knex.Raw, limits: Limits, slots: readonly string[]): void {
  const [first, second] = slots;
  // The types of knex know expressions only in some places; its code takes them in all.
  const column = of as string;
  if (limits.from === undefined && limits.to === undefined) query.whereNotNull(column);
  if (limits.from !== undefined) query.where(column, ">=", first as string);
  if (limits.to !== undefined) query.where(column, "<=", (limits.from === undefined ? first : second) as string);
}

/** The shape of the condition that names an object by its identifier. */
export const identifierShape = "column id";

const dateDriver: LocateDriver = { table: "objects", objectId: "id", rank: 3, ordered: false, repeats: false };

const typeDriver: LocateDriver = { table: "objects", objectId: "id", rank: 4, ordered: true, repeats: false };

const dateColumns = new Set<string>(locateDateColumns);

function columnCondition({ column, equals }: FilterOf<"column">): Condition {
  const name = objectsTable.column(column);
  return {
    shape: `column ${name}`,
    table: "objects",
    values: [binding(equals)],
    driver: dateColumns.has(column) ? dateDriver : column === "objectType" ? typeDriver : undefined,
    restrict: (query, columns, [value]) =>
      void query.where((column === "id" ? columns.of(name) : columns.number(name)) as string, value ?? null),
  };
}

function dateCondition(filter: FilterOf<"date">): Condition {
  const name = objectsTable.column(filter.column);
  return {
    shape: `date ${name} ${limitShape(filter)}`,
    table: "objects",
    values: limitValues(filter),
    driver: dateDriver,
    restrict: (query, columns, slots) => within(query, columns.number(name), filter, slots),
  };
}

const activation = "activation_date";
const deactivation = "deactivation_date";

/**
 * How each state looks in the columns at a time: an object that is Pre-Active becomes Active when its Activation Date
 * arrives, and Deactivated when its Deactivation Date does (KMIP 2.1 §4.57). 1 Pre-Active, 2 Active, 3 Deactivated.
 */
const stateRules: ReadonlyMap<number, (query: Knex.QueryBuilder, columns: Columns, at: string) => void> = new Map([
  [
    1,
    (query, columns, at) =>
      void query
        .where(columns.of("state"), 1)
        .where((open) => open.whereNull(columns.of(activation)).orWhere(columns.of(activation), ">", at)),
  ],
  [
    2,
    (query, columns, at) =>
      void query
        .where((begun) =>
          begun
            .where(columns.of("state"), 2)
            .orWhere((due) => due.where(columns.of("state"), 1).where(columns.of(activation), "<=", at)),
        )
        .where((open) => open.whereNull(columns.of(deactivation)).orWhere(columns.of(deactivation), ">", at)),
  ],
  [
    3,
    (query, columns, at) =>
      void query.where((any) =>
        any
          .where(columns.of("state"), 3)
          .orWhere((due) => due.where(columns.of("state"), 2).where(columns.of(deactivation), "<=", at))
          .orWhere((due) =>
            due
              .where(columns.of("state"), 1)
              .where(columns.of(activation), "<=", at)
              .where(columns.of(deactivation), "<=", at),
          ),
      ),
  ],
]);

function stateCondition({ equals, at }: FilterOf<"state">): Condition {
  const rule = stateRules.get(equals);
  const stored: Restrict = (query, columns, [state]) => void query.where(columns.of("state"), state ?? null);
  return {
    shape: `state ${rule === undefined ? "stored" : equals}`,
    table: "objects",
    values: [rule === undefined ? equals : at],
    driver: undefined,
    restrict: rule === undefined ? stored : (query, columns, [time]) => rule(query, columns, time ?? ""),
  };
}

function usageMaskCondition({ includes }: FilterOf<"usageMask">): Condition {
  return {
    shape: "usageMask",
    table: "objects",
    values: [includes, includes],
    driver: undefined,
    restrict: (query, columns, slots) =>
      void query.whereRaw("(?? & cast(? as integer)) = cast(? as integer)", [columns.of("usage_mask"), ...slots]),
  };
}

function attributeCondition({ attribute, equals }: FilterOf<"attribute">): Condition {
  return {
    shape: "attribute",
    table: "object_attributes",
    values: [attribute, equals],
    driver: { table: "object_attributes", objectId: "object_id", rank: 1, ordered: true, repeats: false },
    restrict: (query, columns, [name, value]) =>
      void query
        .where(columns.text("attribute") as string, name ?? null)
        .where(columns.text("value") as string, value ?? null),
  };
}

function attributeRangeCondition(filter: FilterOf<"attributeRange">): Condition {
  return {
    shape: `attributeRange ${limitShape(filter)}`,
    table: "object_attributes",
    values: [filter.attribute, ...limitValues(filter)],
    driver: { table: "object_attributes", objectId: "object_id", rank: 2, ordered: false, repeats: true },
    restrict(query, columns, [name, ...limits]) {
      query.where(columns.text("attribute") as string, name ?? null);
      within(query, columns.number("number"), filter, limits);
    },
  };
}

function nameCondition({ name, nameType }: FilterOf<"name">): Condition {
  return {
    shape: `name ${nameType === undefined ? "" : "type"}`,
    table: "object_names",
    values: nameType === undefined ? [name] : [name, nameType],
    driver: { table: "object_names", objectId: "object_id", rank: 0, ordered: false, repeats: nameType === undefined },
    restrict(query, columns, [text, type]) {
      query.where(columns.text("name") as string, text ?? null);
      if (type !== undefined) query.where(columns.of("name_type"), type);
    },
  };
}

function otherTypeCondition({ types }: FilterOf<"otherType">): Condition {
  return {
    shape: `otherType ${types.length}`,
    table: "objects",
    values: types.map(binding),
    driver: undefined,
    restrict: (query, columns, slots) => void query.whereNotIn(columns.of("object_type"), [...slots]),
  };
}

/** Filters that something can meet. */
export type MeetableFilter = Exclude<LocateFilter, { on: "nothing" }>;

/** A filter as a condition. */
export function conditionOf(filter: MeetableFilter): Condition {
  switch (filter.on) {
    case "column":
      return columnCondition(filter);
    case "date":
      return dateCondition(filter);
    case "state":
      return stateCondition(filter);
    case "usageMask":
      return usageMaskCondition(filter);
    case "attribute":
      return attributeCondition(filter);
    case "attributeRange":
      return attributeRangeCondition(filter);
    case "name":
      return nameCondition(filter);
    case "otherType":
      return otherTypeCondition(filter);
  }
}
