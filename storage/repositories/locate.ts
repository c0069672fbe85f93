import { Tag } from "#protocol/tags.js";
import { joinedTextItems, type TextItems, textItems } from "#protocol/ttlv/text-items.js";
import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { Further } from "../further.js";
import type { LocateFilter, LocateOptions, LocateResult } from "../types.js";
import type { MeetableFilter } from "./locate-conditions.js";
import { directions, endFor, excessFor, isInOrder, type Plan, plansOf, searchFor, valuesOf } from "./locate-plan.js";

/** A search that is under way. */
class Search {
  private readonly tenantId: string;
  private readonly plan: Plan;
  private readonly options: LocateOptions;
  private readonly parts: TextItems[] = [];
  private told = 0;
  private met = 0;
  private behind: number;

  constructor(tenantId: string, plan: Plan, options: LocateOptions) {
    this.tenantId = tenantId;
    this.plan = plan;
    this.options = options;
    this.behind = directions[plan.first].start;
  }

  /** Searches all there is, in one go; undefined where that would take long. */
  async inOneGo(connection: Connection): Promise<LocateResult | undefined> {
    const { driver } = this.plan;
    await this.look(connection, []);
    if (this.met > 0 || driver === undefined) return this.result();
    const [excess] = await connection.select(excessFor(driver), [this.tenantId, ...driver.values]);
    return excess === undefined ? this.result() : undefined;
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
    const ids: string[] = [];
    for (const { id } of await connection.select(searchFor(this.plan), values)) {
      if (this.met >= offset && this.told + ids.length < limit) ids.push(String(id));
      this.met += 1;
    }
    if (ids.length > 0) this.parts.push(textItems(Tag.UniqueIdentifier, ids));
    this.told += ids.length;
  }

  private result(): LocateResult {
    return { ids: joinedTextItems(this.parts), total: this.options.count === true ? this.met : null };
  }
}

const isMeetable = (filter: LocateFilter): filter is MeetableFilter => filter.on !== "nothing";

/** The search behind read.objects.locate. */
export async function locate(
  connection: Connection,
  tenantId: string,
  filters: readonly LocateFilter[],
  options: LocateOptions,
): Promise<LocateResult | Further<LocateResult>> {
  if (!filters.every(isMeetable)) return { ids: joinedTextItems([]), total: options.count === true ? 0 : null };
  for (const plan of plansOf(filters, options)) {
    const search = new Search(tenantId, plan, options);
    const found = await (isInOrder(plan) ? search.oneStretch(connection) : search.inOneGo(connection));
    if (found !== undefined) return found;
  }
  throw new StorageError("internal", "no plan of a search led to its end");
}
