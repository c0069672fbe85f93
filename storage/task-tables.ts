import { table } from "./tables.js";
import type { TaskFindingRow, TaskRow } from "./task-types.js";

export const tasksTable = table<TaskRow>("tasks", {
  id: "text",
  tenantId: "text",
  kind: "text",
  parameters: "text",
  state: "text",
  askedBy: "text",
  askedFingerprint: "text",
  askedFrom: "text",
  position: "text",
  total: "integer",
  done: "integer",
  skipped: "integer",
  failed: "integer",
  repaired: "integer",
  attempts: "integer",
  lastError: "text",
  createdAt: "integer",
  startedAt: "integer",
  endedAt: "integer",
  notBefore: "integer",
  claim: "text",
  claimedBy: "text",
  claimedUntil: "integer",
});

export const taskFindingsTable = table<TaskFindingRow>("task_findings", {
  taskId: "text",
  place: "integer",
  kind: "text",
  subject: "text",
  reason: "text",
});
