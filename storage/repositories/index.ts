import { auditReads, auditWrites } from "./audit.js";
import { clientReads, clientWrites } from "./clients.js";
import { intentReads, intentWrites } from "./intents.js";
import { objectReads, objectWrites } from "./objects.js";
import { nodeReads, nodeWrites, operatorReads, operatorWrites, serverStateReads, serverStateWrites } from "./server.js";
import { tenantReads, tenantWrites } from "./tenants.js";

/** What can be read, by repository and method. The first parameter of each is the connection. */
export const reads = {
  serverState: serverStateReads,
  nodes: nodeReads,
  tenants: tenantReads,
  clients: clientReads,
  objects: objectReads,
  intents: intentReads,
  audit: auditReads,
  operators: operatorReads,
} as const;

/** What can be changed, by repository and method. The first parameter of each is the session. */
export const writes = {
  serverState: serverStateWrites,
  nodes: nodeWrites,
  tenants: tenantWrites,
  clients: clientWrites,
  objects: objectWrites,
  intents: intentWrites,
  audit: auditWrites,
  operators: operatorWrites,
} as const;
