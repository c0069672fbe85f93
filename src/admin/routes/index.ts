import type { AdminApplication, AdminServices } from "../services.js";
import { auditRoutes } from "./audit.js";
import { clientRoutes } from "./clients.js";
import { credentialRoutes } from "./credentials.js";
import { destinationRoutes } from "./destinations.js";
import { firstContactRoutes } from "./first-contact.js";
import { healthRoutes } from "./health.js";
import { serverRoutes } from "./server.js";
import { taskRoutes } from "./tasks.js";
import { tenantRoutes } from "./tenants.js";
import { traceRoutes } from "./traces.js";

/** All routes of the admin port. */
export function addRoutes(app: AdminApplication, services: AdminServices): void {
  for (const add of [
    healthRoutes,
    serverRoutes,
    tenantRoutes,
    clientRoutes,
    credentialRoutes,
    destinationRoutes,
    firstContactRoutes,
    taskRoutes,
    auditRoutes,
    traceRoutes,
  ])
    add(app, services);
}
