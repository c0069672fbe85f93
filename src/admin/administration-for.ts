import type { FastifyRequest } from "fastify";
import type { Administration } from "#src/administration/administration.js";
import { actorOf } from "./operator.js";
import { AdminRefusal } from "./refusal.js";
import type { AdminServices } from "./services.js";

/** The administration in the name of whoever makes a request. */
export function administrationFor(services: AdminServices, { visitor }: FastifyRequest): Administration {
  if (visitor === null) throw new AdminRefusal(403, "not-an-operator", "who asks is not known");
  return services.administrationOf(actorOf(visitor));
}
