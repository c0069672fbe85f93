import { hash as hashOf } from "node:crypto";
import type { AuditPosition, AuditRecord, AuditRow } from "./types.js";

/** What the first row of a chain carries as the hash of the row before it. */
export const emptyChainHash: Buffer = Buffer.alloc(32);

/** The version of the encoding below, the first byte of what is hashed. A new one is added, never changed. */
const encodingVersion = 1;

/** The fields in the order of their encoding. Every field of a row but `hash` is here. */
const encodedFields = [
  "tenantId",
  "nodeId",
  "sequence",
  "timeMs",
  "eventId",
  "clientId",
  "clientName",
  "certificateFingerprint",
  "sourceAddress",
  "protocolVersion",
  "operation",
  "objectId",
  "partition",
  "outcome",
  "resultReason",
  "durationMicroseconds",
  "correlationId",
  "detail",
] as const satisfies readonly Exclude<keyof AuditRow, "hash" | "previousHash">[];

const absent = 0xffffffff;

function encodedLength(value: string | number | null): number {
  if (value === null) return 4;
  return 4 + (typeof value === "number" ? 8 : Buffer.byteLength(value));
}

function encodeField(target: Buffer, offset: number, value: string | number | null): number {
  if (value === null) return target.writeUInt32BE(absent, offset);
  if (typeof value === "number") {
    const next = target.writeUInt32BE(8, offset);
    return target.writeBigInt64BE(BigInt(value), next);
  }
  const written = target.write(value, offset + 4);
  target.writeUInt32BE(written, offset);
  return offset + 4 + written;
}

/**
 * The canonical encoding of a row: the version of the encoding (1 byte), the hash of the row before (32 bytes), then
 * each field as its length in bytes (4 bytes, big-endian; ffffffff where the field is null) and its value, text in UTF-8
 * and numbers as 64-bit two's complement, big-endian.
 */
export function encodeAuditRow(row: Omit<AuditRow, "hash">): Buffer {
  let length = 33;
  for (const field of encodedFields) length += encodedLength(row[field]);
  const encoded = Buffer.alloc(length);
  encoded.writeUInt8(encodingVersion, 0);
  encoded.set(row.previousHash, 1);
  let offset = 33;
  for (const field of encodedFields) offset = encodeField(encoded, offset, row[field]);
  return encoded;
}

/** SHA-256 of the canonical encoding: 32 bytes. */
export function auditHash(row: Omit<AuditRow, "hash">): Buffer {
  return hashOf("sha256", encodeAuditRow(row), "buffer");
}

/** The row that follows `head` (null at the start of the chain). */
export function nextAuditRow(record: AuditRecord, nodeId: string, head: AuditPosition | null): AuditRow {
  const row = {
    ...record,
    nodeId,
    sequence: (head?.sequence ?? 0) + 1,
    previousHash: head?.hash ?? emptyChainHash,
    hash: emptyChainHash,
  };
  row.hash = auditHash(row);
  return row;
}

/** What is wrong with a row of a chain. */
export type ChainFaultKind =
  /** Its fields do not have its hash. */
  | "changed"
  /** It is not there, but later rows are. */
  | "removed"
  /** It does not follow the row before it: one of the two has been put in another's place. */
  | "unlinked"
  /** It is consistent, but not what a checkpoint recorded: it, or rows before it, were written anew. */
  | "rewritten"
  /** It and all rows after it are not there, although a checkpoint recorded them. */
  | "cut"
  /** The checkpoint at this row has no valid signature. */
  | "forged checkpoint";

/** The first bad row of a chain. */
export interface ChainFault {
  readonly kind: ChainFaultKind;
  readonly sequence: number;
}

/** How far a chain has been followed. */
export interface ChainProgress {
  /** Of the last good row; 0 before the first. */
  readonly sequence: number;
  readonly hash: Buffer;
}

/** The beginning of every chain. */
export const chainStart: ChainProgress = { sequence: 0, hash: emptyChainHash };

/** What a checkpoint says of a row. */
export type ChainMark = Pick<AuditPosition, "sequence" | "hash">;

function faultOf(row: AuditRow, before: ChainProgress, marks: ReadonlyMap<number, ChainMark>): ChainFault | null {
  const expected = before.sequence + 1;
  if (row.sequence !== expected) return { kind: "removed", sequence: expected };
  if (!auditHash(row).equals(row.hash)) return { kind: "changed", sequence: expected };
  if (!before.hash.equals(row.previousHash)) return { kind: "unlinked", sequence: expected };
  const mark = marks.get(expected);
  if (mark !== undefined && !row.hash.equals(mark.hash)) return { kind: "rewritten", sequence: expected };
  return null;
}

/** Follows a chain over rows in order of their sequence, up to its first fault. */
export function followChain(
  rows: readonly AuditRow[],
  after: ChainProgress,
  marks: readonly ChainMark[],
): { readonly progress: ChainProgress; readonly fault: ChainFault | null } {
  const bySequence = new Map(marks.map((mark) => [mark.sequence, mark]));
  let progress = after;
  for (const row of rows) {
    const fault = faultOf(row, progress, bySequence);
    if (fault !== null) return { progress, fault };
    progress = { sequence: row.sequence, hash: row.hash };
  }
  return { progress, fault: null };
}
