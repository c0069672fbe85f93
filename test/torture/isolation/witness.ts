/** Looks at the rows of tenants behind the server's back. */
import { createHash } from "node:crypto";
import type { Connection } from "#storage/connection.js";
import { openConnection } from "#storage/drivers/index.js";
import { slot, statement, statementOf } from "#storage/statements.js";

/** One record of the audit trail. */
export interface Audited {
  readonly sequence: number;
  readonly operation: string;
  readonly outcome: string;
  readonly reason: string | null;
}

const tables = statement((knex) =>
  knex.raw(
    "select m.name as name from sqlite_master m join pragma_table_info(m.name) p on p.name = 'tenant_id' where m.type = 'table'",
  ),
);
const since = statement((knex) =>
  knex("audit")
    .select({ sequence: "sequence", operation: "operation", outcome: "outcome", reason: "result_reason" })
    .where({ tenant_id: slot(0) })
    .where("sequence", ">", slot(1))
    .orderBy("sequence"),
);
const tenant = statement((knex) =>
  knex("tenants")
    .select("id")
    .where({ name: slot(0) }),
);
const object = statement((knex) =>
  knex("objects")
    .select("*")
    .where({ tenant_id: slot(0), id: slot(1) }),
);
const lastOf = statement((knex) =>
  knex("audit")
    .max({ last: "sequence" })
    .where({ tenant_id: slot(0) }),
);

/** Tables that grow by themselves, or that are looked at record by record. */
const apart: ReadonlySet<string> = new Set(["audit", "audit_checkpoints", "tasks"]);

/** The database of a server as somebody reads it who asks nobody. Rows are read after the commit that an answer waits for. */
export class Witness {
  private readonly connection: Connection;
  private readonly tables: readonly string[];

  private constructor(connection: Connection, tables: readonly string[]) {
    this.connection = connection;
    this.tables = tables;
  }

  /** Opens the database of a data directory. */
  static async open(filename: string): Promise<Witness> {
    const connection = await openConnection({ client: "better-sqlite3", filename, nodeId: "witness" }, "read");
    const rows = await connection.select(tables, []);
    return new Witness(
      connection,
      rows.map(({ name }) => String(name)).filter((name) => !apart.has(name)),
    );
  }

  /** The identifier of a tenant. */
  async tenantId(name: string): Promise<string> {
    const [row] = await this.connection.select(tenant, [name]);
    return String(row?.["id"]);
  }

  /** How many tables have rows of tenants. */
  get tableCount(): number {
    return this.tables.length;
  }

  /** A digest of everything a tenant has: objects with versions and counters, indexes, clients, tickets, settings, requests. */
  async footprint(tenantId: string): Promise<string> {
    const hash = createHash("sha256");
    for (const name of this.tables) {
      const all = statementOf(`witness ${name}`, (knex) =>
        knex(name)
          .select("*")
          .where({ tenant_id: slot(0) }),
      );
      hash.update(name).update(textOf(await this.connection.select(all, [tenantId])));
    }
    return hash.digest("hex");
  }

  /** The row of one object, as text. */
  async object(tenantId: string, id: string): Promise<string> {
    return textOf(await this.connection.select(object, [tenantId, id]));
  }

  /** The number of a tenant's last audit record. */
  async lastAudited(tenantId: string): Promise<number> {
    const [row] = await this.connection.select(lastOf, [tenantId]);
    return Number(row?.["last"] ?? 0);
  }

  /** A tenant's audit records behind a number. */
  async auditedSince(tenantId: string, sequence: number): Promise<readonly Audited[]> {
    const rows = await this.connection.select(since, [tenantId, sequence]);
    return rows.map((row) => ({
      sequence: Number(row["sequence"]),
      operation: String(row["operation"]),
      outcome: String(row["outcome"]),
      reason: row["reason"] === null ? null : String(row["reason"]),
    }));
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

function textOf(rows: readonly Record<string, unknown>[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}
