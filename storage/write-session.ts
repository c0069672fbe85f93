import { nextAuditRow } from "./audit-chain.js";
import type { Connection } from "./connection.js";
import { headOf } from "./repositories/audit-head.js";
import { statement } from "./statements.js";
import { auditTable } from "./tables.js";
import type { AuditPosition, AuditRecord, AuditRow } from "./types.js";

const lastCreationOrders = statement((knex) =>
  knex("tenants").select(knex("objects").max("creation_order").where("tenant_id", knex.ref("tenants.id")).as("last")),
);

/** A point of a session to which it can go back. */
export interface SessionMark {
  readonly pending: number;
  readonly undo: number;
}

/**
 * What the repositories write through: the connection, and what the writer keeps in memory over transactions. Audit
 * rows are chained at once and inserted together at `flush`. When a transaction is rolled back the session goes back with it.
 */
export class WriteSession {
  readonly connection: Connection;
  readonly nodeId: string;
  readonly #heads = new Map<string, AuditPosition | null>();
  #pending: AuditRow[] = [];
  #undo: { readonly tenantId: string; readonly head: AuditPosition | null }[] = [];
  #creationOrder = 0;

  constructor(connection: Connection, nodeId: string) {
    this.connection = connection;
    this.nodeId = nodeId;
  }

  /** Chains a record to its tenant's last row. */
  async append(record: AuditRecord): Promise<AuditPosition> {
    const { tenantId } = record;
    const before = await this.#head(tenantId);
    const row = nextAuditRow(record, this.nodeId, before);
    const position = { tenantId, nodeId: this.nodeId, sequence: row.sequence, hash: row.hash };
    this.#undo.push({ tenantId, head: before });
    this.#heads.set(tenantId, position);
    this.#pending.push(row);
    return position;
  }

  /** A number above that of every object this node has created, near the microseconds since 1970. */
  nextCreationOrder(): number {
    this.#creationOrder = Math.max(this.#creationOrder + 1, Date.now() * 1000);
    return this.#creationOrder;
  }

  /** Inserts the audit rows that wait. */
  async flush(): Promise<void> {
    const rows = this.#pending;
    this.#pending = [];
    await this.connection.insert(auditTable, rows);
  }

  mark(): SessionMark {
    return { pending: this.#pending.length, undo: this.#undo.length };
  }

  /** Forgets what was appended since the mark. Nothing may have been flushed in between. */
  goBack(mark: SessionMark): void {
    for (const { tenantId, head } of this.#undo.splice(mark.undo).reverse()) this.#heads.set(tenantId, head);
    this.#pending.length = mark.pending;
  }

  /** The transaction is durable: nothing of it can be undone. */
  settle(): void {
    this.#undo = [];
  }

  /** Forgets everything kept in memory; it is read again from the database. */
  reset(): void {
    this.#heads.clear();
    this.#pending = [];
    this.#undo = [];
  }

  /** Reads where creation order stands, so that a clock set back does not disturb it. */
  async start(): Promise<void> {
    for (const { last } of await this.connection.select(lastCreationOrders, [])) {
      if (typeof last === "number") this.#creationOrder = Math.max(this.#creationOrder, last);
    }
  }

  async #head(tenantId: string): Promise<AuditPosition | null> {
    const known = this.#heads.get(tenantId);
    if (known !== undefined) return known;
    const found = await headOf(this.connection, tenantId, this.nodeId);
    this.#heads.set(tenantId, found);
    return found;
  }
}
