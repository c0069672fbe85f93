import type { DeliveryRow, DestinationRow } from "./destination-types.js";
import { table } from "./tables.js";

export const destinationsTable = table<DestinationRow>("destinations", {
  id: "text",
  tenantId: "text",
  name: "text",
  kind: "text",
  host: "text",
  port: "integer",
  clientId: "text",
  certificatePem: "text",
  sealedKey: "bytes",
  authorityPem: "text",
  protocolVersion: "integer",
  subscription: "text",
  createdAt: "integer",
  failures: "integer",
  nextAttemptAt: "integer",
  lastError: "text",
  lastDeliveredAt: "integer",
  dropped: "integer",
  claimedBy: "text",
  claimedUntil: "integer",
});

export const deliveriesTable = table<DeliveryRow>("deliveries", {
  id: "text",
  tenantId: "text",
  destinationId: "text",
  queuedAt: "integer",
  operation: "integer",
  objectId: "text",
  detail: "text",
  expiresAt: "integer",
});
