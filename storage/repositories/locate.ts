import type { Knex } from "knex";
import type { Connection } from "../connection.js";
import { type Statement, slot, statementOf } from "../statements.js";
import type { Binding } from "../tables.js";
import type { LocateFilter, LocateOptions, LocateResult } from "../types.js";
import { type Columns, type Condition, conditionOf } from "./locate-conditions.js";

/*
 * A search starts from its most selective condition, the driver: a table read through an index, whose rows lead to
 * their objects by primary key, where the other conditions are checked. SQLite, which keeps no statistics here, takes the
 * tables of a CROSS JOIN in the order written; PostgreSQL chooses for itself. Without a driver the objects of the tenant
 * are walked in the order of the answer until there are enough.
 */

type Part = "ids" | "total";

/** Objects in the order in which they were created, or the other way round. */
const directions = { newest: "?? desc, ?? desc limit ? offset ?", oldest: "?? asc, ?? asc limit ? offset ?" } as const;

const tenantSlot = slot(0);

interface Plan {
  readonly driver: Condition | undefined;
  readonly conditions: readonly Condition[];
  readonly storage: Pick<Required<LocateOptions>, "online" | "archived" | "destroyed">;
  readonly first: keyof typeof directions;
}

function planOf(filters: readonly LocateFilter[], options: LocateOptions): Plan {
  // In one order, so that the same filters make the same statement.
  const conditions = filters.map(conditionOf).sort((one, other) => (one.shape < other.shape ? -1 : 1));
  const [driver] = conditions
    .filter(({ driver }) => driver !== undefined)
    .sort((one, other) => (one.driver?.rank ?? 0) - (other.driver?.rank ?? 0));
  const { online = true, archived = false, destroyed = false } = options;
  const first = options.oldestFirst === true ? "oldest" : "newest";
  return { driver, conditions, storage: { online, archived, destroyed }, first };
}

/** Slots of each condition's values; slot 0 is the tenant. */
function slotsOf(conditions: readonly Condition[]): Map<Condition, readonly string[]> {
  let next = 1;
  return new Map(conditions.map((condition) => [condition, condition.values.map(() => slot(next++))]));
}

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
  return { of, number: of };
}

/** For conditions on rows that are found already: the plus keeps either database from walking another index for them. */
function checkedColumns(knex: Knex, table: string): Columns {
  const { of } = plainColumns(table);
  return { of, number: (name) => knex.raw("+??", [of(name)]) };
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
  query.whereExists((inner) => {
    inner.select(knex.raw("1")).from(`${table} as other`).where("other.tenant_id", tenantSlot);
    inner.where("other.object_id", knex.ref("objects.id"));
    condition.restrict(inner, checkedColumns(knex, "other"), slots);
  });
}

function build(knex: Knex, { driver, conditions, storage, first }: Plan, part: Part): Knex.QueryBuilder {
  const slots = slotsOf(conditions);
  const query = knex.queryBuilder();
  if (driver === undefined) query.from("objects");
  else drive(knex, query, driver, slots.get(driver) ?? []);
  query.where("objects.tenant_id", tenantSlot);
  for (const condition of conditions) {
    if (condition === driver) continue;
    check(knex, query, condition, { slots: slots.get(condition) ?? [], driven: driver !== undefined });
  }
  restrictToStorage(query, storage);
  if (part === "total") return query.countDistinct("objects.id as total");
  const [order, id] =
    driver?.driver?.ordered === true
      ? ["driver.creation_order", "driver.object_id"]
      : ["objects.creation_order", "objects.id"];
  query.select(`${id} as id`, `${order} as order`);
  if (driver?.driver?.repeats === true) query.distinct();
  const last = 1 + conditions.reduce((sum, { values }) => sum + values.length, 0);
  return query.orderByRaw(directions[first], [order, id, slot(last), slot(last + 1)]);
}

function statementFor(plan: Plan, part: Part): Statement {
  const { driver, conditions, storage, first } = plan;
  const shapes = conditions.map((condition) => `${condition === driver ? ">" : ""}${condition.shape}`);
  const statuses = `${storage.online}-${storage.archived}-${storage.destroyed}`;
  return statementOf(`locate ${part} ${first} ${statuses} ${shapes.join()}`, (knex) => build(knex, plan, part));
}

/** The search behind read.objects.locate. */
export async function locate(
  connection: Connection,
  tenantId: string,
  filters: readonly LocateFilter[],
  options: LocateOptions,
): Promise<LocateResult> {
  if (filters.some(({ on }) => on === "nothing")) return { ids: [], total: options.count === true ? 0 : null };
  const plan = planOf(filters, options);
  const values: Binding[] = [tenantId, ...plan.conditions.flatMap((condition) => condition.values)];
  const paging = [options.limit, options.offset ?? 0];
  const rows = await connection.select(statementFor(plan, "ids"), [...values, ...paging]);
  const ids = rows.map(({ id }) => String(id));
  if (options.count !== true) return { ids, total: null };
  const [counted] = await connection.select(statementFor(plan, "total"), values);
  return { ids, total: Number(counted?.["total"] ?? 0) };
}
