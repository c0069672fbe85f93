import { createReadStream, statSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Database } from "#storage/database.js";
import type { AuditCheckpointRow } from "#storage/types.js";
import { parseCheckpointLine } from "./checkpoint-data.js";

/**
 * The checkpoints of a file, in its order; none where there is no file, or a pipe, which its reader empties. Lines that a
 * crash cut off are passed over.
 */
export async function* checkpointsInFile(file: string | undefined): AsyncGenerator<AuditCheckpointRow> {
  if (file === undefined || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const checkpoint = parseCheckpointLine(line);
    if (checkpoint !== null) yield checkpoint;
  }
}

/** So much of the end of a file is read: some hundred checkpoints, the newest of all chains that are written to. */
const endBytes = 262_144;

/** The newest checkpoint of each chain at the end of a file; none where there is no file, or a pipe. */
export async function newestCheckpointsInFile(file: string): Promise<readonly AuditCheckpointRow[]> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return [];
  const start = Math.max(0, stat.size - endBytes);
  const newest = new Map<string, AuditCheckpointRow>();
  for await (const line of createInterface({ input: createReadStream(file, { start }) })) {
    const checkpoint = parseCheckpointLine(line);
    if (checkpoint !== null) newest.set(`${checkpoint.tenantId} ${checkpoint.nodeId}`, checkpoint);
  }
  return [...newest.values()];
}

/** Checkpoints held against the rows in one call of the reading thread. */
const marksAtOnce = 500;

/**
 * Whether the audit trail of a tenant lacks a row that a checkpoint outside the database knows, or has another one: the
 * database is an earlier one that was put back, or was altered. Throws StorageError.
 */
export async function isDatabaseBehind(read: Database["read"], tenantId: string, file: string): Promise<boolean> {
  const waiting = new Map<string, AuditCheckpointRow[]>();
  const isUnmet = async (nodeId: string): Promise<boolean> => {
    const marks = waiting.get(nodeId) ?? [];
    waiting.delete(nodeId);
    return (await read.audit.firstUnmet(tenantId, nodeId, marks)) !== null;
  };
  for await (const checkpoint of checkpointsInFile(file)) {
    if (checkpoint.tenantId !== tenantId) continue;
    const marks = [...(waiting.get(checkpoint.nodeId) ?? []), checkpoint];
    waiting.set(checkpoint.nodeId, marks);
    if (marks.length >= marksAtOnce && (await isUnmet(checkpoint.nodeId))) return true;
  }
  for (const nodeId of [...waiting.keys()]) if (await isUnmet(nodeId)) return true;
  return false;
}
