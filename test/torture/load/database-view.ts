/** What stands in the database of a server, read beside it. */
import type { DatabaseConfiguration } from "#storage/configuration.js";
import type { Connection } from "#storage/connection.js";
import { openConnection } from "#storage/drivers/index.js";
import { slot, statement } from "#storage/statements.js";

/** An audit record of a request that carried a Client Correlation Value. */
export interface AuditOfRequest {
  readonly mark: string;
  readonly operation: string;
  readonly objectId: string | null;
  readonly outcome: string;
  /** Name of the tenant in whose name it was asked. */
  readonly tenant: string;
}

/** An object's row. */
export interface ObjectThere {
  readonly tenant: string;
  readonly id: string;
}

const chains = statement((knex) =>
  knex("audit")
    .select("tenant_id as tenant", "node_id as node")
    .max("sequence as last")
    .groupBy("tenant_id", "node_id")
    .orderBy(["tenant_id", "node_id"]),
);
const recordsAfter = statement((knex) =>
  knex("audit")
    .select("sequence", "operation", "object_id as objectId", "outcome", "partition as tenant", "detail")
    .where({ tenant_id: slot(0), node_id: slot(1) })
    .where("sequence", ">", slot(2))
    .orderByRaw("sequence limit ?", [slot(3)]),
);
const intents = statement((knex) => knex("intents").count("* as open"));
const objects = statement((knex) =>
  knex("objects")
    .join("tenants", "tenants.id", "objects.tenant_id")
    .select("objects.id as id", "tenants.name as tenant"),
);

const pageSize = 2000;

/** A connection to the database of a server, for one look. */
export class DatabaseView {
  private readonly connection: Connection;

  private constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Opens it, has it looked at, and closes it. */
  static async look<T>(configuration: DatabaseConfiguration, work: (view: DatabaseView) => Promise<T>): Promise<T> {
    const connection = await openConnection(configuration, "read");
    try {
      return await work(new DatabaseView(connection));
    } finally {
      await connection.close();
    }
  }

  /** The records since the last call with the same `read`, which says by chain how far each was read. */
  async newAudit(read: Map<string, number>): Promise<readonly AuditOfRequest[]> {
    const found: AuditOfRequest[] = [];
    for (const { tenant, node, last } of await this.connection.select(chains, [])) {
      const chain = JSON.stringify([tenant, node]);
      while ((read.get(chain) ?? 0) < Number(last)) {
        const from = read.get(chain) ?? 0;
        const rows = await this.connection.select(recordsAfter, [String(tenant), String(node), from, pageSize]);
        if (rows.length === 0) break;
        found.push(...rows.flatMap(recordIn));
        read.set(chain, Number(rows.at(-1)?.["sequence"]));
      }
    }
    return found;
  }

  /** How many changes of keys in a token are begun and not ended. */
  async openIntents(): Promise<number> {
    const [row] = await this.connection.select(intents, []);
    return Number(row?.["open"]);
  }

  /** All objects there are. */
  async objects(): Promise<readonly ObjectThere[]> {
    const rows = await this.connection.select(objects, []);
    return rows.map(({ id, tenant }) => ({ id: String(id), tenant: String(tenant) }));
  }
}

function recordIn(row: Record<string, unknown>): readonly AuditOfRequest[] {
  const detail = row["detail"] === null ? {} : (JSON.parse(String(row["detail"])) as Record<string, unknown>);
  const mark = detail["clientCorrelationValue"];
  if (typeof mark !== "string") return [];
  const { operation, objectId, outcome, tenant } = row;
  return [
    {
      mark,
      operation: String(operation),
      objectId: objectId === null ? null : String(objectId),
      outcome: String(outcome),
      tenant: String(tenant),
    },
  ];
}
