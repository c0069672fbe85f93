import type { AuditCheckpointRow, AuditPosition } from "#storage/types.js";

/** What a checkpoint's signature covers, by the name and version of its encoding. */
const encoding = "keyreeve audit checkpoint 1";

function prefixed(value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return prefixed(bytes);
}

/** The bytes to sign: name of the encoding, tenant, node, sequence, hash and time, each with its length before it. */
export function checkpointData(position: AuditPosition, timeMs: number): Buffer {
  const { tenantId, nodeId, sequence, hash } = position;
  return Buffer.concat([
    ...[encoding, tenantId, nodeId].map(prefixed),
    integer(sequence),
    prefixed(hash),
    integer(timeMs),
  ]);
}

/** A checkpoint as a line of the file outside the database. */
export function checkpointLine(checkpoint: AuditCheckpointRow): string {
  const { hash, signature, ...rest } = checkpoint;
  return `${JSON.stringify({ ...rest, hash: hash.toString("hex"), signature: signature.toString("base64") })}\n`;
}

/** The checkpoint of such a line; null for a line that was cut off by a crash or is none of ours. */
export function parseCheckpointLine(line: string): AuditCheckpointRow | null {
  let parsed: Partial<Record<keyof AuditCheckpointRow, unknown>>;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  const { tenantId, nodeId, sequence, hash, timeMs, signature, keyId } = parsed;
  if (typeof tenantId !== "string" || typeof nodeId !== "string" || typeof keyId !== "string") return null;
  if (typeof sequence !== "number" || typeof timeMs !== "number") return null;
  if (typeof hash !== "string" || typeof signature !== "string") return null;
  return {
    tenantId,
    nodeId,
    sequence,
    hash: Buffer.from(hash, "hex"),
    timeMs,
    signature: Buffer.from(signature, "base64"),
    keyId,
  };
}
