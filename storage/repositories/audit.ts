import type { ChainFault, ChainMark, ChainProgress } from "../audit-chain.js";
import { followChain } from "../audit-chain.js";
import { auditCheckpointsTable, auditTable } from "../audit-tables.js";
import type { Connection } from "../connection.js";
import { type Statement, slot, statement, statementOf } from "../statements.js";
import { type Binding, ownBytes } from "../tables.js";
import type { AuditCheckpointRow, AuditFilter, AuditPosition, AuditRecord, AuditRow } from "../types.js";
import { serverChain } from "../types.js";
import type { WriteSession } from "../write-session.js";
import { headOf } from "./audit-head.js";
import { serverStateWrites } from "./server.js";
import { tenantReads } from "./tenants.js";

/** The chain after one, of those that have rows in a table: a step in its index, however many rows there are. */
const chainAfter = (table: "audit" | "audit_checkpoints") =>
  statement((knex) =>
    knex(table)
      .select("tenant_id as tenantId", "node_id as nodeId")
      .whereRaw("(tenant_id, node_id) > (?, ?)", [slot(0), slot(1)])
      .orderBy(["tenant_id", "node_id"])
      .limit(1),
  );
const recordedAfter = chainAfter("audit");
const checkpointedAfter = chainAfter("audit_checkpoints");
const page = statement((knex) =>
  knex("audit")
    .select(auditTable.selection.slice())
    .where({ tenant_id: slot(0), node_id: slot(1) })
    .where("sequence", ">", slot(2))
    .orderByRaw("sequence limit ?", [slot(3)]),
);
const checkpoints = statement((knex) =>
  knex("audit_checkpoints")
    .select(auditCheckpointsTable.selection.slice())
    .where({ tenant_id: slot(0), node_id: slot(1) })
    .where("sequence", ">", slot(2))
    .orderByRaw("sequence limit ?", [slot(3)]),
);
const hashAt = statement((knex) =>
  knex("audit")
    .select("hash")
    .where({ tenant_id: slot(0), node_id: slot(1), sequence: slot(2) }),
);
const lastCheckpoint = statement((knex) =>
  knex("audit_checkpoints")
    .select(auditCheckpointsTable.selection.slice())
    .where({ tenant_id: slot(0), node_id: slot(1) })
    .orderBy("sequence", "desc")
    .limit(1),
);

const byEvent = statement((knex) =>
  knex("audit")
    .select("tenant_id as tenantId", "node_id as nodeId", "sequence", "hash", "outcome")
    .where({ event_id: slot(0), tenant_id: slot(1) }),
);

/** Each condition of a filter as field, column and comparison. */
const filterConditions = [
  ["tenantId", "tenant_id", "="],
  ["fromMs", "time_ms", ">="],
  ["toMs", "time_ms", "<="],
  ["objectId", "object_id", "="],
  ["clientId", "client_id", "="],
  ["clientName", "client_name", "="],
  ["operation", "operation", "="],
  ["outcome", "outcome", "="],
  ["eventId", "event_id", "="],
] as const satisfies readonly (readonly [keyof AuditFilter, string, string])[];

/** A chain: each tenant, and the server itself, has one on each node. */
export interface ChainName {
  readonly tenantId: string;
  readonly nodeId: string;
}

/** What following one page of a chain gives. */
export interface FollowedPage {
  /** The rows read; fewer than the limit at the end of the chain. */
  readonly rows: number;
  readonly progress: ChainProgress;
  readonly fault: ChainFault | null;
}

async function chainsBy(connection: Connection, after: Statement): Promise<ChainName[]> {
  const chains: ChainName[] = [];
  for (let last: ChainName | undefined = { tenantId: "", nodeId: "" }; last !== undefined; ) {
    const [next] = (await connection.select(after, [last.tenantId, last.nodeId])) as unknown as ChainName[];
    if (next !== undefined) chains.push(next);
    last = next;
  }
  return chains;
}

export const auditReads = {
  /** All chains that have rows, in order. */
  chains: (connection: Connection): Promise<ChainName[]> => chainsBy(connection, recordedAfter),

  /** All chains of which there are checkpoints, in order. */
  checkpointedChains: (connection: Connection): Promise<ChainName[]> => chainsBy(connection, checkpointedAfter),

  /** Rows of one chain after a sequence number (0 for all), in order. */
  page: (connection: Connection, tenantId: string, nodeId: string, after: number, limit: number): Promise<AuditRow[]> =>
    connection.rows(auditTable, page, [tenantId, nodeId, after, limit]),

  /** Checks the next rows of a chain, in the reading thread: their hashes, their links, and against marks. */
  async follow(
    connection: Connection,
    tenantId: string,
    nodeId: string,
    after: ChainProgress,
    marks: readonly ChainMark[],
    limit: number,
  ): Promise<FollowedPage> {
    const rows = await connection.rows(auditTable, page, [tenantId, nodeId, after.sequence, limit]);
    const bytes = ({ sequence, hash }: ChainMark): ChainMark => ({ sequence, hash: Buffer.from(hash) });
    return { rows: rows.length, ...followChain(rows, bytes(after), marks.map(bytes)) };
  },

  /** Of some marks of a chain, the first whose row is not there or has another hash; null where all are as they say. */
  async firstUnmet(
    connection: Connection,
    tenantId: string,
    nodeId: string,
    marks: readonly ChainMark[],
  ): Promise<number | null> {
    for (const { sequence, hash } of marks) {
      const [row] = await connection.select(hashAt, [tenantId, nodeId, sequence]);
      const found = row?.["hash"];
      if (!(found instanceof Uint8Array) || !Buffer.from(found).equals(Buffer.from(hash))) return sequence;
    }
    return null;
  },

  /** Where this node's chains stand: that of each tenant, and the server's own. */
  async heads(connection: Connection, nodeId: string): Promise<AuditPosition[]> {
    const tenants = await tenantReads.list(connection);
    const found: AuditPosition[] = [];
    for (const tenantId of [...tenants.map(({ id }) => id), serverChain]) {
      const position = await headOf(connection, tenantId, nodeId);
      if (position !== null) found.push(position);
    }
    return found;
  },

  /** Rows that meet a filter, newest first. */
  list(connection: Connection, filter: AuditFilter, limit: number, offset = 0): Promise<AuditRow[]> {
    const used = filterConditions.filter(([field]) => filter[field] !== undefined);
    const values: Binding[] = [...used.map(([field]) => filter[field] ?? null), limit, offset];
    const shape = `audit list ${used.map(([field]) => field).join()}`;
    const list = statementOf(shape, (knex) => {
      const query = knex("audit").select(auditTable.selection.slice());
      used.forEach(([, column, comparison], index) => void query.where(column, comparison, slot(index)));
      const paging = [slot(used.length), slot(used.length + 1)];
      return query.orderByRaw("time_ms desc, node_id desc, sequence desc limit ? offset ?", paging);
    });
    return connection.rows(auditTable, list, values);
  },

  /** Checkpoints of one chain after a sequence number (0 for all), in order. */
  checkpoints: (
    connection: Connection,
    tenantId: string,
    nodeId: string,
    after: number,
    limit: number,
  ): Promise<AuditCheckpointRow[]> =>
    connection.rows(auditCheckpointsTable, checkpoints, [tenantId, nodeId, after, limit]),

  /** The newest checkpoint of a chain, or null. */
  lastCheckpoint: (connection: Connection, tenantId: string, nodeId: string): Promise<AuditCheckpointRow | null> =>
    connection.row(auditCheckpointsTable, lastCheckpoint, [tenantId, nodeId]),
};

export const auditWrites = {
  /** Appends a row to the chain of its tenant and this node. Throws `duplicate` (audit.event_id). */
  append: (session: WriteSession, record: AuditRecord): Promise<AuditPosition> => session.append(record),

  /**
   * What stands under an event identifier, and where; null where nothing does. Something else is written in the same
   * transaction: once that is durable, on the standbys that PostgreSQL waits for too, so is all that it saw.
   */
  async confirm(
    session: WriteSession,
    tenantId: string,
    eventId: string,
  ): Promise<{ readonly position: AuditPosition; readonly outcome: string } | null> {
    const [row] = await session.select(byEvent, [eventId, tenantId]);
    if (row === undefined) return null;
    const { outcome, ...rest } = row as unknown as AuditPosition & { readonly outcome: string };
    const position = { ...rest, hash: ownBytes(rest.hash) };
    session.confirmed(position);
    await serverStateWrites.set(session, `confirmed/${session.nodeId}`, eventId);
    return { position, outcome };
  },

  /** Throws `duplicate` (audit_checkpoints.sequence). */
  addCheckpoint: (session: WriteSession, checkpoint: AuditCheckpointRow): void =>
    session.insert(auditCheckpointsTable, [checkpoint]),
};
