import type { Runtime } from "#src/administration/runtime.js";
import type { ServedListeners } from "#src/kmip-service/served-listeners.js";
import { createHealth, type Health } from "#src/telemetry/health.js";
import type { ServerSurroundings } from "./server-surroundings.js";

/** The health of a process that serves KMIP. */
export function kmipHealth(runtime: Runtime, { kmip, https, further }: ServedListeners): Health {
  const health = createHealth();
  health.register("kmip", "ready", async () => {
    kmip.address();
  });
  if (https !== null) {
    health.register("https", "ready", async () => {
      https.address();
    });
  }
  for (const [name, listener] of further) {
    health.register(`listener ${name}`, "ready", async () => {
      listener.address();
    });
  }
  return withBackground(health, runtime);
}

/** Adds the health of what every process has. */
export function withBackground(health: Health, { database, root }: Runtime): Health {
  health.register("process", "live", async () => undefined);
  health.register("database", "ready", () => database.check());
  health.register("hsm", "ready", () => root.checkHealth());
  return health;
}

/** Adds that nothing is served while the audit trail is unsecured. */
export function withAudit(health: Health, { isAuditUnsecured }: Pick<ServerSurroundings, "isAuditUnsecured">): Health {
  health.register("audit", "ready", async () => {
    if (isAuditUnsecured()) throw new Error("no checkpoint of the audit trail can be kept outside the database");
  });
  return health;
}
