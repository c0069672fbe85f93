import type { Knex } from "knex";
import { type Statement, slot, statementOf } from "../statements.js";
import type { Binding } from "../tables.js";
import type { LocateOptions } from "../types.js";
import {
  type Columns,
  type Condition,
  conditionOf,
  identifierShape,
  type MeetableFilter,
} from "./locate-conditions.js";

/*
 * A search starts from its most selective condition, the driver: a table read through an index, whose rows lead to
 * their objects by primary key, where the other conditions are checked. SQLite, which keeps no statistics here, takes the
 * tables of a CROSS JOIN in the order written; PostgreSQL chooses for itself. Without a driver the objects of the tenant
 * are walked in the order of the answer until there are enough.
 *
 * What comes in the order of the answer is searched in stretches, so that a read never takes long, whatever a tenant has.
 * What comes out of its index in another order has to be sorted as a whole: where that is much, the search finds nothing,
 * and the next best driver or a walk is tried.
 */

/** Objects that a stretch of a search leads to, before the other conditions are checked. */
const stretchLength = 500;

/** Rows of a driver that are sorted in one go. */
const mostSorted = 2000;

/** Objects in the order in which they were created, or the other way round. */
export const directions = {
  newest: { order: "?? desc, ?? desc limit ?", ahead: "<", until: ">=", start: Number.MAX_SAFE_INTEGER, end: 0 },
  oldest: { order: "?? asc, ?? asc limit ?", ahead: ">", until: "<=", start: -1, end: Number.MAX_SAFE_INTEGER },
} as const;

const tenantSlot = slot(0);

/** A way to search. */
export interface Plan {
  readonly driver: Condition | undefined;
  readonly conditions: readonly Condition[];
  readonly storage: Pick<Required<LocateOptions>, "online" | "archived" | "destroyed">;
  readonly first: keyof typeof directions;
}

/** Whether a condition names the object by its identifier: that is found at once. */
const isIdentifier = ({ shape }: Condition): boolean => shape === identifierShape;

/** The ways to search, best first; one that comes in the order of the answer always leads to the end. */
export function plansOf(filters: readonly MeetableFilter[], options: LocateOptions): readonly Plan[] {
  // In one order, so that the same filters make the same statement.
  const conditions = filters.map(conditionOf).sort((one, other) => (one.shape < other.shape ? -1 : 1));
  const { online = true, archived = false, destroyed = false } = options;
  const first = options.oldestFirst === true ? "oldest" : "newest";
  const plan = { driver: undefined, conditions, storage: { online, archived, destroyed }, first } as const;
  if (conditions.some(isIdentifier)) return [plan];
  const drivers = conditions
    .filter(({ driver }) => driver !== undefined)
    .sort((one, other) => (one.driver?.rank ?? 0) - (other.driver?.rank ?? 0));
  return [...drivers.map((driver) => ({ ...plan, driver })), plan];
}

/** Slots of each condition's values; slot 0 is the tenant. */
function slotsOf(conditions: readonly Condition[]): Map<Condition, readonly string[]> {
  let next = 1;
  return new Map(conditions.map((condition) => [condition, condition.values.map(() => slot(next++))]));
}

/** Slots of the values of a condition that has the statement to itself. */
const ownSlots = (condition: Condition): readonly string[] => slotsOf([condition]).get(condition) ?? [];

function restrictToStorage(query: Knex.QueryBuilder, { online, archived, destroyed }: Plan["storage"]): void {
  if (online && archived && destroyed) return;
  query.where((any) => {
    any.whereRaw("1 = 0");
    if (online) any.orWhere((kind) => kind.whereNull("objects.destroy_date").whereNull("objects.archive_date"));
    if (archived) any.orWhere((kind) => kind.whereNotNull("objects.archive_date").whereNull("objects.destroy_date"));
    if (destroyed) any.orWhereNotNull("objects.destroy_date");
  });
}

function plainColumns(table: string): Columns {
  const of = (name: string): string => `${table}.${name}`;
  return { of, number: of, text: of };
}

/** Columns of the only table of a query. */
const ownColumns: Columns = { of: (name) => name, number: (name) => name, text: (name) => name };

/** For conditions on rows that are found already: expressions keep either database from walking another index for them. */
function checkedColumns(knex: Knex, table: string): Columns {
  const { of } = plainColumns(table);
  return { of, number: (name) => knex.raw("+??", [of(name)]), text: (name) => knex.raw("(?? || '')", [of(name)]) };
}

function drive(knex: Knex, query: Knex.QueryBuilder, condition: Condition, slots: readonly string[]): void {
  const source = condition.driver;
  if (source === undefined) return;
  query.from(`${source.table} as driver`).crossJoin(knex.raw("objects"));
  query.where("driver.tenant_id", tenantSlot);
  query.where(`driver.${source.objectId}`, knex.ref("objects.id"));
  condition.restrict(query, plainColumns("driver"), slots);
}

function check(
  knex: Knex,
  query: Knex.QueryBuilder,
  condition: Condition,
  { slots, driven }: { readonly slots: readonly string[]; readonly driven: boolean },
): void {
  const { table } = condition;
  if (table === "objects") {
    condition.restrict(query, driven ? checkedColumns(knex, "objects") : plainColumns("objects"), slots);
    return;
  }
  // Not EXISTS: PostgreSQL makes a join of it, and may begin that join with all that meets this one condition.
  const other = knex
    .queryBuilder()
    .select(knex.raw("1"))
    .from(`${table} as other`)
    .where("other.tenant_id", tenantSlot);
  other.where("other.object_id", knex.ref("objects.id")).limit(1);
  condition.restrict(other, checkedColumns(knex, "other"), slots);
  query.whereRaw("(?) = 1", [other]);
}

/** Where a plan finds the order of an object's creation, and its identifier. */
function orderOf({ driver }: Plan): readonly [order: string, id: string] {
  const source = driver?.driver;
  return source?.ordered === true
    ? ["driver.creation_order", `driver.${source.objectId}`]
    : ["objects.creation_order", "objects.id"];
}

/** A row where a driver alone leads to more rows than are sorted. */
function buildExcess(knex: Knex, driver: Condition, slots: readonly string[]): Knex.QueryBuilder {
  const query = knex
    .queryBuilder()
    .select(knex.raw("1 as excess"))
    .from(driver.driver?.table ?? "objects");
  driver.restrict(query.where("tenant_id", tenantSlot), ownColumns, slots);
  return query.limit(1).offset(mostSorted);
}

function buildSearch(knex: Knex, plan: Plan): Knex.QueryBuilder {
  const { driver, conditions, storage, first } = plan;
  const slots = slotsOf(conditions);
  const query = knex.queryBuilder();
  if (driver === undefined) query.from("objects");
  else drive(knex, query, driver, slots.get(driver) ?? []);
  query.where("objects.tenant_id", tenantSlot);
  // A column with an index of its own must not become the way in beside the one that was chosen.
  const driven = conditions.some((condition) => condition.driver !== undefined);
  for (const condition of conditions) {
    if (condition !== driver) check(knex, query, condition, { slots: slots.get(condition) ?? [], driven });
  }
  restrictToStorage(query, storage);
  const [order, id] = orderOf(plan);
  query.select(`${id} as id`, `${order} as order`);
  if (driver?.driver?.repeats === true) query.distinct();
  let last = 1 + valuesOf(plan).length;
  if (isInOrder(plan)) {
    query.where(order, directions[first].ahead, slot(last)).where(order, directions[first].until, slot(last + 1));
    last += 2;
  } else if (driver !== undefined) {
    // Nothing is joined and sorted where it would be much.
    query.whereRaw("(?) is null", [buildExcess(knex, driver, slots.get(driver) ?? [])]);
  }
  return query.orderByRaw(directions[first].order, [order, id, slot(last)]);
}

function buildEnd(knex: Knex, { driver, first }: Plan): Knex.QueryBuilder {
  const query = knex
    .queryBuilder()
    .from(driver?.driver?.table ?? "objects")
    .where("tenant_id", tenantSlot);
  driver?.restrict(query, ownColumns, ownSlots(driver));
  const id = driver?.driver?.objectId ?? "id";
  const next = slot(1 + (driver?.values.length ?? 0));
  query.select("creation_order as order").where("creation_order", directions[first].ahead, next);
  return query.orderByRaw(`${directions[first].order} offset ?`, ["creation_order", id, 1, stretchLength - 1]);
}

const shapeOf = ({ driver, conditions }: Plan): string =>
  conditions.map((condition) => `${condition === driver ? ">" : ""}${condition.shape}`).join();

/** The values of all conditions. */
export const valuesOf = ({ conditions }: Plan): readonly Binding[] => conditions.flatMap(({ values }) => values);

/** Whether a plan finds objects in the order of the answer. */
export function isInOrder({ driver, conditions }: Plan): boolean {
  return driver === undefined ? !conditions.some(isIdentifier) : driver.driver?.ordered === true;
}

/**
 * The objects of a stretch, or of all there is where the plan does not find them in order. Values: the tenant, those of
 * all conditions, for a stretch the creation order it begins behind and the one it ends with, how many at most.
 */
export function searchFor(plan: Plan): Statement {
  const { storage, first } = plan;
  const statuses = `${storage.online}-${storage.archived}-${storage.destroyed}`;
  return statementOf(`locate ${first} ${statuses} ${shapeOf(plan)}`, (knex) => buildSearch(knex, plan));
}

/** The creation order with which a stretch ends, no row for the last. Values: the tenant, the driver's, where it begins. */
export function endFor(plan: Plan): Statement {
  return statementOf(`locate end ${plan.first} ${plan.driver?.shape}`, (knex) => buildEnd(knex, plan));
}

/** A row where a driver leads to too much to search in one go. Values: the tenant, those of the driver. */
export function excessFor(driver: Condition): Statement {
  return statementOf(`locate excess ${driver.shape}`, (knex) => buildExcess(knex, driver, ownSlots(driver)));
}
