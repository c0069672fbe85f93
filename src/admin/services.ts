import type { Server } from "node:https";
import type { FastifyInstance } from "fastify";
import type { Administration } from "#src/administration/administration.js";
import type { Actor } from "#src/administration/audit-record.js";
import type { Health } from "#src/telemetry/health.js";
import type { Log } from "#src/telemetry/log.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import type { Database } from "#storage/database.js";
import type { Permission, Visitor } from "./operator.js";

/** The application of the admin port, over TLS. */
export type AdminApplication = FastifyInstance<Server>;

/** What the admin port works with. */
export interface AdminServices {
  readonly database: Database;
  readonly health: Health;
  readonly metrics: Pick<Metrics, "exposition">;
  readonly log: Log;
  /** The administration in the name of an operator. */
  administrationOf(actor: Actor): Administration;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route demands; there is no default, so that no route can forget it. */
    permission?: Permission;
  }

  interface FastifyRequest {
    visitor: Visitor | null;
  }
}
