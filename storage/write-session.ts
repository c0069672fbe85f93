import { nextAuditRow } from "./audit-chain.js";
import { auditTable } from "./audit-tables.js";
import type { Connection } from "./connection.js";
import { headOf } from "./repositories/audit-head.js";
import { type Statement, statement } from "./statements.js";
import type { Binding, Table } from "./tables.js";
import type { AuditPosition, AuditRecord, AuditRow } from "./types.js";

const lastCreationOrders = statement((knex) =>
  knex("tenants").select(knex("objects").max("creation_order").where("tenant_id", knex.ref("tenants.id")).as("last")),
);

/** Rows of one table that wait to be inserted together. */
interface PendingRows<Row> {
  readonly table: Table<Row>;
  readonly rows: Row[];
}

/**
 * What the repositories write through. Rows to insert are collected over all commits of a transaction and inserted
 * together: before the next other statement, and at `flush`. Audit rows are chained at once, and wait until `flush`.
 * The changes of different commits run interleaved.
 */
export class WriteSession {
  readonly connection: Connection;
  readonly nodeId: string;
  readonly #heads = new Map<string, AuditPosition | null>();
  readonly #headsLoading = new Map<string, Promise<void>>();
  #pending = new Map<unknown, PendingRows<unknown>>();
  #inserting: Promise<void> = Promise.resolve();
  #audit: AuditRow[] = [];
  readonly #written = new Map<string, AuditPosition>();
  #creationOrder = 0;

  constructor(connection: Connection, nodeId: string) {
    this.connection = connection;
    this.nodeId = nodeId;
  }

  /** Inserts rows no later than `flush`, which reports what is wrong with them. */
  insert<Row>(table: Table<Row>, rows: readonly Row[]): void {
    const waiting = this.#pending.get(table);
    if (waiting === undefined) this.#pending.set(table, { table: table as Table<unknown>, rows: [...rows] });
    else waiting.rows.push(...rows);
  }

  /** Runs a statement; the number of rows it changed. */
  async run(statement: Statement, values: readonly Binding[]): Promise<number> {
    await this.#insertPending();
    return this.connection.run(statement, values);
  }

  /** The rows of a query, which sees all that was written before. */
  async select(statement: Statement, values: readonly Binding[]): Promise<Record<string, unknown>[]> {
    await this.#insertPending();
    return this.connection.select(statement, values);
  }

  /** Chains a record to its tenant's last row. */
  async append(record: AuditRecord): Promise<AuditPosition> {
    const { tenantId } = record;
    if (!this.#heads.has(tenantId)) await this.#loadHead(tenantId);
    const row = nextAuditRow(record, this.nodeId, this.#heads.get(tenantId) ?? null);
    const position = { tenantId, nodeId: this.nodeId, sequence: row.sequence, hash: row.hash };
    this.#heads.set(tenantId, position);
    this.#audit.push(row);
    return position;
  }

  /** A number above that of every object this node has created, near the microseconds since 1970. */
  nextCreationOrder(): number {
    this.#creationOrder = Math.max(this.#creationOrder + 1, Date.now() * 1000);
    return this.#creationOrder;
  }

  /** Inserts all rows that wait. */
  async flush(): Promise<void> {
    await this.#insertPending();
    const rows = this.#audit;
    this.#audit = [];
    await this.connection.insert(auditTable, rows);
    for (const { tenantId, nodeId, sequence, hash } of rows) {
      this.#written.set(tenantId, { tenantId, nodeId, sequence, hash });
    }
  }

  /** Where the chains stand that were written to since this was asked last: true once the transaction is committed. */
  takeWritten(): readonly AuditPosition[] {
    const written = [...this.#written.values()];
    this.#written.clear();
    return written;
  }

  /** A row of an earlier transaction was found: it is durable, too, once this one is committed. */
  confirmed(position: AuditPosition): void {
    const known = this.#written.get(position.tenantId)?.sequence ?? 0;
    if (position.nodeId === this.nodeId && position.sequence > known) this.#written.set(position.tenantId, position);
  }

  /** Forgets what waits and what is known of the chains: the database has gone back behind it. */
  reset(): void {
    this.#heads.clear();
    this.#headsLoading.clear();
    this.#pending = new Map();
    this.#audit = [];
    this.#inserting = Promise.resolve();
  }

  /** Reads where creation order stands, so that a clock set back does not disturb it. */
  async start(): Promise<void> {
    for (const { last } of await this.connection.select(lastCreationOrders, [])) {
      if (typeof last === "number") this.#creationOrder = Math.max(this.#creationOrder, last);
    }
  }

  #insertPending(): Promise<void> {
    if (this.#pending.size === 0) return this.#inserting;
    const pending = this.#pending;
    this.#pending = new Map();
    this.#inserting = this.#inserting.then(async () => {
      for (const { table, rows } of pending.values()) await this.connection.insert(table, rows);
    });
    return this.#inserting;
  }

  #loadHead(tenantId: string): Promise<void> {
    const loading = this.#headsLoading.get(tenantId);
    if (loading !== undefined) return loading;
    const load = headOf(this.connection, tenantId, this.nodeId).then((head) => {
      this.#heads.set(tenantId, head);
      this.#headsLoading.delete(tenantId);
    });
    this.#headsLoading.set(tenantId, load);
    return load;
  }
}
