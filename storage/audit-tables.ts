import { table } from "./tables.js";
import type { AuditCheckpointRow, AuditRow } from "./types.js";

export const auditTable = table<AuditRow>("audit", {
  tenantId: "text",
  nodeId: "text",
  sequence: "integer",
  timeMs: "integer",
  eventId: "text",
  clientId: "text",
  clientName: "text",
  certificateFingerprint: "text",
  sourceAddress: "text",
  protocolVersion: "text",
  operation: "text",
  objectId: "text",
  partition: "text",
  outcome: "text",
  resultReason: "text",
  durationMicroseconds: "integer",
  correlationId: "text",
  detail: "text",
  previousHash: "bytes",
  hash: "bytes",
});

export const auditCheckpointsTable = table<AuditCheckpointRow>("audit_checkpoints", {
  tenantId: "text",
  nodeId: "text",
  sequence: "integer",
  hash: "bytes",
  timeMs: "integer",
  signature: "bytes",
  keyId: "text",
});
