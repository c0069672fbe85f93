import type { Connection } from "../connection.js";
import { slot, statement } from "../statements.js";
import { ownBytes } from "../tables.js";
import type { AuditPosition } from "../types.js";

const head = statement((knex) =>
  knex("audit")
    .select("tenant_id as tenantId", "node_id as nodeId", "sequence", "hash")
    .where({ tenant_id: slot(0), node_id: slot(1) })
    .orderBy("sequence", "desc")
    .limit(1),
);

/** Where a chain stands; null before its first row. */
export async function headOf(connection: Connection, tenantId: string, nodeId: string): Promise<AuditPosition | null> {
  const [row] = await connection.select(head, [tenantId, nodeId]);
  if (row === undefined) return null;
  const position = row as unknown as AuditPosition;
  return { ...position, hash: ownBytes(position.hash) };
}
