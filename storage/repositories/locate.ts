import type { Knex } from "knex";
import type { Connection } from "../connection.js";
import { Further } from "../further.js";
import { type Statement, slot, statementOf } from "../statements.js";
import type { Binding } from "../tables.js";
import type { LocateFilter, LocateOptions, LocateResult } from "../types.js";
import { type Columns, type Condition, conditionOf, identifierShape, nameRank } from "./locate-conditions.js";

/*
 * A search starts from its most selective condition, the driver: a table read through an index, whose rows lead to
 * their objects by primary key, where the other conditions are checked. SQLite, which keeps no statistics here, takes the
 * tables of a CROSS JOIN in the order written; PostgreSQL chooses for itself. Without a driver the objects of the tenant
 * are walked in the order of the answer until there are enough.
 *
 * What comes in the order of the answer is searched in stretches, so that a read never takes long, whatever a tenant has.
 * What comes out of its index in another order has to be sorted as a whole: where it is much, the tenant is walked instead.
 */

/** Objects that a stretch of a search leads to, before the other conditions are checked. */
const stretchLength = 500;

/** Rows of a driver that are sorted in one go. */
const mostSorted = 2000;

/** Objects in the order in which they were created, or the other way round. */
const directions = {
  newest: { order: "?? desc, ?? desc limit ?", ahead: "<", until: ">=", start: Number.MAX_SAFE_INTEGER, end: 0 },
  oldest: { order: "?? asc, ?? asc limit ?", ahead: ">", until: "<=", start: -1, end: Number.MAX_SAFE_INTEGER },
} as const;

const tenantSlot = slot(0);

interface Plan {
  readonly driver: Condition | undefined;
  readonly conditions: readonly Condition[];
  readonly storage: Pick<Required<LocateOptions>, "online" | "archived" | "destroyed">;
  readonly first: keyof typeof directions;
}

/** Whether a condition names the object by its identifier: that is found at once. */
const isIdentifier = ({ shape }: Condition): boolean => shape === identifierShape;

function planOf(filters: readonly LocateFilter[], options: LocateOptions): Plan {
  // In one order, so that the same filters make the same statement.
  const conditions = filters.map(conditionOf).sort((one, other) => (one.shape < other.shape ? -1 : 1));
  const [best] = conditions
    .filter(({ driver }) => driver !== undefined)
    .sort((one, other) => (one.driver?.rank ?? 0) - (other.driver?.rank ?? 0));
  const driver = conditions.some(isIdentifier) ? undefined : best;
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

/** Where a plan finds the order of an object's creation, and its identifier. */
function orderOf({ driver }: Plan): readonly [order: string, id: string] {
  const source = driver?.driver;
  return source?.ordered === true
    ? ["driver.creation_order", `driver.${source.objectId}`]
    : ["objects.creation_order", "objects.id"];
}

/** Values: the tenant, those of the conditions, the order it begins behind and the one it ends with, how many at most. */
function buildSearch(knex: Knex, plan: Plan): Knex.QueryBuilder {
  const { driver, conditions, storage, first } = plan;
  const slots = slotsOf(conditions);
  const query = knex.queryBuilder();
  if (driver === undefined) query.from("objects");
  else drive(knex, query, driver, slots.get(driver) ?? []);
  query.where("objects.tenant_id", tenantSlot);
  // What could drive the search and does not must not choose the index.
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
  }
  return query.orderByRaw(directions[first].order, [order, id, slot(last)]);
}

/** Values: the tenant, those of the driver, the order it begins behind. The order of the last object of a stretch. */
function buildEnd(knex: Knex, { driver, first }: Plan): Knex.QueryBuilder {
  const query = knex
    .queryBuilder()
    .from(driver?.driver?.table ?? "objects")
    .where("tenant_id", tenantSlot);
  const [slots] = slotsOf(driver === undefined ? [] : [driver]).values();
  driver?.restrict(query, { of: (name) => name, number: (name) => name }, slots ?? []);
  const id = driver?.driver?.objectId ?? "id";
  const next = slot(1 + (driver?.values.length ?? 0));
  query.select("creation_order as order").where("creation_order", directions[first].ahead, next);
  return query.orderByRaw(`${directions[first].order} offset ?`, ["creation_order", id, 1, stretchLength - 1]);
}

/** Values: the tenant, those of the driver. How many rows it leads to, or one more than are sorted. */
function buildWidth(knex: Knex, driver: Condition): Knex.QueryBuilder {
  const rows = knex
    .queryBuilder()
    .select(knex.raw("1"))
    .where("tenant_id", tenantSlot)
    .limit(mostSorted + 1);
  const [slots] = slotsOf([driver]).values();
  driver.restrict(rows, { of: (name) => name, number: (name) => name }, slots ?? []);
  rows.from(driver.driver?.table ?? "objects");
  return knex.queryBuilder().count("* as width").from(rows.as("rows"));
}

const shapeOf = ({ driver, conditions }: Plan): string =>
  conditions.map((condition) => `${condition === driver ? ">" : ""}${condition.shape}`).join();

function searchFor(plan: Plan): Statement {
  const { storage, first } = plan;
  const statuses = `${storage.online}-${storage.archived}-${storage.destroyed}`;
  return statementOf(`locate ${first} ${statuses} ${shapeOf(plan)}`, (knex) => buildSearch(knex, plan));
}

function endFor(plan: Plan): Statement {
  return statementOf(`locate end ${plan.first} ${plan.driver?.shape}`, (knex) => buildEnd(knex, plan));
}

const widthFor = (driver: Condition): Statement =>
  statementOf(`locate width ${driver.shape}`, (knex) => buildWidth(knex, driver));

const valuesOf = ({ conditions }: Plan): readonly Binding[] => conditions.flatMap(({ values }) => values);

/** Whether the objects come in the order of the answer. */
function isInOrder({ driver, conditions }: Plan): boolean {
  return driver === undefined ? !conditions.some(isIdentifier) : driver.driver?.ordered === true;
}

/** A driver that leads to more than can be sorted in one go is none. */
async function withoutWideDriver(connection: Connection, tenantId: string, plan: Plan): Promise<Plan> {
  const { driver } = plan;
  if (driver?.driver === undefined || driver.driver.ordered || driver.driver.rank === nameRank) return plan;
  const [found] = await connection.select(widthFor(driver), [tenantId, ...driver.values]);
  return Number(found?.["width"] ?? 0) > mostSorted ? { ...plan, driver: undefined } : plan;
}

/** A search that is under way. */
class Search {
  private readonly tenantId: string;
  private readonly plan: Plan;
  private readonly options: LocateOptions;
  private readonly ids: string[] = [];
  private met = 0;
  private behind: number;

  constructor(tenantId: string, plan: Plan, options: LocateOptions) {
    this.tenantId = tenantId;
    this.plan = plan;
    this.options = options;
    this.behind = directions[plan.first].start;
  }

  /** Searches all there is, for what does not come in the order of the answer. */
  async inOneGo(connection: Connection): Promise<LocateResult> {
    await this.look(connection, []);
    return this.result();
  }

  async oneStretch(connection: Connection): Promise<LocateResult | Further<LocateResult>> {
    const { plan, tenantId } = this;
    const values = [tenantId, ...(plan.driver?.values ?? []), this.behind];
    const [last] = await connection.select(endFor(plan), values);
    const end = last === undefined ? directions[plan.first].end : Number(last["order"]);
    await this.look(connection, [this.behind, end]);
    if (last === undefined || this.missing === 0) return this.result();
    this.behind = end;
    return new Further((next) => this.oneStretch(next));
  }

  /** How many more have to be found. */
  private get missing(): number {
    const { limit, offset = 0, count } = this.options;
    return count === true ? Number.MAX_SAFE_INTEGER : offset + limit - this.met;
  }

  private async look(connection: Connection, bounds: readonly number[]): Promise<void> {
    const { limit, offset = 0 } = this.options;
    const values = [this.tenantId, ...valuesOf(this.plan), ...bounds, this.missing];
    for (const { id } of await connection.select(searchFor(this.plan), values)) {
      if (this.met >= offset && this.ids.length < limit) this.ids.push(String(id));
      this.met += 1;
    }
  }

  private result(): LocateResult {
    return { ids: this.ids, total: this.options.count === true ? this.met : null };
  }
}

/** The search behind read.objects.locate. */
export async function locate(
  connection: Connection,
  tenantId: string,
  filters: readonly LocateFilter[],
  options: LocateOptions,
): Promise<LocateResult | Further<LocateResult>> {
  if (filters.some(({ on }) => on === "nothing")) return { ids: [], total: options.count === true ? 0 : null };
  const plan = await withoutWideDriver(connection, tenantId, planOf(filters, options));
  const search = new Search(tenantId, plan, options);
  return isInOrder(plan) ? search.oneStretch(connection) : search.inOneGo(connection);
}
