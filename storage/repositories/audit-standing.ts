import { objectChangingOperations, saysWhatStands } from "../audit-operations.js";
import type { Connection } from "../connection.js";
import { slot, statement } from "../statements.js";

/** The rows that are looked at of one object: the newest of each node is among them. */
const rowsOfObject = 50;
const rowsOfRegistrations = 100_000;

const changing = `operation in (${objectChangingOperations.map((operation) => `'${operation}'`).join(", ")})`;

const ofObject = statement((knex) =>
  knex("audit")
    .select("node_id as nodeId", "operation", "time_ms as timeMs", "duration_microseconds as durationMicroseconds")
    .where({ tenant_id: slot(0), object_id: slot(1), outcome: "success" })
    .whereRaw(saysWhatStands)
    .whereRaw(changing)
    .orderByRaw(`sequence desc limit ${rowsOfObject}`),
);
const registrations = statement((knex) =>
  knex("audit")
    .select("node_id as nodeId", "operation", "client_id as clientId", "time_ms as timeMs", "detail")
    .where({ tenant_id: slot(0), outcome: "success" })
    .whereRaw(saysWhatStands)
    .whereIn("operation", ["Issue Client", "Change Client", "Revoke Client", "Re-provision"])
    .orderByRaw(`node_id, sequence limit ${rowsOfRegistrations}`),
);

/** A change of an object, as the audit has it. */
export interface AuditedChange {
  readonly nodeId: string;
  readonly operation: string;
  readonly timeMs: number;
  readonly durationMicroseconds: number | null;
}

/** A registration of a client or certificate, or a change of one, as the audit has it. */
export interface AuditedRegistration {
  readonly nodeId: string;
  readonly operation: string;
  /** The client that registered a certificate of its own. */
  readonly clientId: string | null;
  readonly timeMs: number;
  readonly detail: string | null;
}

/**
 * Merges what the nodes did by its time, but never against the order of a chain: where a clock was set back, what its node
 * did before happened no later than what it did then.
 */
function inOrder(rows: readonly AuditedRegistration[]): AuditedRegistration[] {
  const next = new Map<string, number>();
  const timed = rows.toReversed().map((row) => {
    const timeMs = Math.min(row.timeMs, next.get(row.nodeId) ?? row.timeMs);
    next.set(row.nodeId, timeMs);
    return { row, timeMs };
  });
  return timed
    .reverse()
    .sort((one, other) => one.timeMs - other.timeMs)
    .map(({ row }) => row);
}

/** What the audit trail says must stand in other tables. */
export const auditStandingReads = {
  /** The last change of an object on each node, by the order of its chain. */
  async lastChanges(connection: Connection, tenantId: string, objectId: string): Promise<AuditedChange[]> {
    const rows = (await connection.select(ofObject, [tenantId, objectId])) as unknown as AuditedChange[];
    const ofNodes = new Map<string, AuditedChange>();
    for (const row of rows) if (!ofNodes.has(row.nodeId)) ofNodes.set(row.nodeId, row);
    return [...ofNodes.values()];
  },

  /** All that was registered and changed of a tenant's clients: of each node in the order of its chain, else of time. */
  registrations: async (connection: Connection, tenantId: string) =>
    inOrder((await connection.select(registrations, [tenantId])) as unknown as AuditedRegistration[]),
};
