import type { AsynchronousRequestRow } from "./asynchronous-types.js";
import { table } from "./tables.js";

export const asynchronousRequestsTable = table<AsynchronousRequestRow>("asynchronous_requests", {
  tenantId: "text",
  id: "text",
  clientId: "text",
  batchId: "text",
  position: "integer",
  isUnit: "boolean",
  operation: "integer",
  state: "text",
  submittedAt: "integer",
  notBefore: "integer",
  claim: "text",
  claimedAt: "integer",
  nodeId: "text",
  obtainedAt: "integer",
  isProcessed: "boolean",
  expiresAt: "integer",
  sealedRequest: "bytes",
  sealedAnswer: "bytes",
});
