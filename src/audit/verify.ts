import { type ChainFault, type ChainProgress, chainStart } from "#storage/audit-chain.js";
import type { Database } from "#storage/database.js";
import type { AuditCheckpointRow } from "#storage/types.js";
import { checkpointData } from "./checkpoint-data.js";
import { checkpointsInFile } from "./outside-checkpoints.js";

/** Against what, besides itself, the trail is verified. */
export interface VerifyOptions {
  /** Only the chains of this tenant. */
  readonly tenantId?: string;
  /** The file of checkpoints outside the database. */
  readonly checkpointFile?: string;
  /** Whether a checkpoint was signed by the key it names; absent: signatures are not looked at. */
  readonly verifySignature?: (data: Buffer, signature: Buffer, keyId: string) => Promise<boolean>;
}

/** What the verification of one chain found. */
export interface ChainReport {
  readonly tenantId: string;
  readonly nodeId: string;
  /** Rows that are whole, from the first on. */
  readonly rows: number;
  /** Checkpoints the rows agree with. */
  readonly checkpoints: number;
  /** The first bad row; null where the chain is whole. */
  readonly fault: ChainFault | null;
}

/** Rows checked in one call of the reading thread, so that other reads get their turn between. */
const pageSize = 1000;

type Chain = Pick<ChainReport, "tenantId" | "nodeId">;

const chainKey = ({ tenantId, nodeId }: Chain): string => JSON.stringify([tenantId, nodeId]);

/** The newest checkpoint of each chain in the file. Its hash stands for all rows before it. */
async function newestInFile(file: string | undefined): Promise<Map<string, AuditCheckpointRow>> {
  const newest = new Map<string, AuditCheckpointRow>();
  for await (const checkpoint of checkpointsInFile(file)) {
    const known = newest.get(chainKey(checkpoint));
    if (known === undefined || known.sequence < checkpoint.sequence) newest.set(chainKey(checkpoint), checkpoint);
  }
  return newest;
}

async function isGenuine(checkpoint: AuditCheckpointRow, { verifySignature }: VerifyOptions): Promise<boolean> {
  if (verifySignature === undefined) return true;
  const { timeMs, signature, keyId } = checkpoint;
  return verifySignature(checkpointData(checkpoint, timeMs), signature, keyId);
}

/** The checkpoints that speak of the next page of rows, and the first of them that is forged. */
async function marksOf(
  read: Database["read"],
  { tenantId, nodeId }: Chain,
  after: number,
  outside: AuditCheckpointRow | undefined,
  options: VerifyOptions,
): Promise<{ marks: AuditCheckpointRow[]; forged: AuditCheckpointRow | undefined }> {
  const inside = await read.audit.checkpoints(tenantId, nodeId, after, pageSize);
  const marks = [...inside, ...(outside === undefined ? [] : [outside])].filter(
    ({ sequence }) => sequence > after && sequence <= after + pageSize,
  );
  marks.sort((one, other) => one.sequence - other.sequence);
  for (const [index, checkpoint] of marks.entries()) {
    if (!(await isGenuine(checkpoint, options))) return { marks: marks.slice(0, index), forged: checkpoint };
  }
  return { marks, forged: undefined };
}

async function verifyChain(
  read: Database["read"],
  chain: Chain,
  outside: AuditCheckpointRow | undefined,
  options: VerifyOptions,
): Promise<ChainReport> {
  const { tenantId, nodeId } = chain;
  // Read before the rows: what is recorded here must be found, though the chain may grow meanwhile.
  const newest = await read.audit.lastCheckpoint(tenantId, nodeId);
  const recorded = Math.max(newest?.sequence ?? 0, outside?.sequence ?? 0);
  let progress: ChainProgress = chainStart;
  let checkpoints = 0;
  const report = (fault: ChainFault | null): ChainReport => ({
    tenantId,
    nodeId,
    rows: progress.sequence,
    checkpoints,
    fault,
  });
  while (true) {
    const { marks, forged } = await marksOf(read, chain, progress.sequence, outside, options);
    const page = await read.audit.follow(tenantId, nodeId, progress, marks, pageSize);
    progress = page.progress;
    // The same checkpoint may stand in the database and in the file.
    checkpoints += new Set(marks.map(({ sequence }) => sequence).filter((sequence) => sequence <= progress.sequence))
      .size;
    if (page.fault !== null && page.fault.sequence <= (forged?.sequence ?? Number.POSITIVE_INFINITY)) {
      return report(page.fault);
    }
    if (forged !== undefined) return report({ kind: "forged checkpoint", sequence: forged.sequence });
    if (page.rows < pageSize) break;
  }
  return report(progress.sequence < recorded ? { kind: "cut", sequence: progress.sequence + 1 } : null);
}

/**
 * Verifies the audit trail, chain by chain, reading it as a stream. Chains of which only checkpoints are left are found
 * through these. Throws StorageError.
 */
export async function* verifyAudit(read: Database["read"], options: VerifyOptions = {}): AsyncGenerator<ChainReport> {
  const outside = await newestInFile(options.checkpointFile);
  const chains = new Map<string, Chain>();
  const recorded = [...(await read.audit.chains()), ...(await read.audit.checkpointedChains()), ...outside.values()];
  for (const { tenantId, nodeId } of recorded) chains.set(chainKey({ tenantId, nodeId }), { tenantId, nodeId });
  for (const [key, chain] of [...chains].sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (options.tenantId !== undefined && chain.tenantId !== options.tenantId) continue;
    yield await verifyChain(read, chain, outside.get(key), options);
  }
}
