/** The tenants of a load, and whose each object is. */
import type { SeededRandom } from "#test/fuzz/random.js";
import type { ClientIdentity } from "#test/support/kmip-client.js";

/** A tenant that load is put on, and the client in whose name. */
export interface LoadTenant {
  readonly name: string;
  /** The tenant's default, by which all keys of the load are kept. */
  readonly custody: "wrapped" | "token";
  readonly identity: ClientIdentity;
}

/** Identifiers kept to trespass with. */
const keptPerTenant = 200;

/** Whose the identifiers are that a server gave: no two objects have the same. */
export class Owners {
  private readonly owners = new Map<string, string>();
  private readonly recent = new Map<string, string[]>();

  /** Records to whom an identifier was given; gives what is wrong where it was somebody's already. */
  take(id: string, tenant: string): readonly string[] {
    const before = this.owners.get(id);
    if (before !== undefined) return [`the identifier ${id} was given to ${before} already`];
    this.owners.set(id, tenant);
    const recent = this.recent.get(tenant) ?? [];
    this.recent.set(tenant, recent);
    if (recent.push(id) > keptPerTenant) recent.shift();
    return [];
  }

  /** An identifier of another tenant; undefined where there is none. */
  another(tenant: string, random: SeededRandom): string | undefined {
    const others = [...this.recent].filter(([name]) => name !== tenant);
    return others.length === 0 ? undefined : random.pick(random.pick(others)[1]);
  }
}
