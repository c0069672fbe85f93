import type { Runtime } from "#src/administration/runtime.js";
import type { KmipService } from "#src/kmip-service.js";
import { createHealth, type Health } from "#src/telemetry/health.js";

/** The health of a process that serves KMIP. */
export function kmipHealth(runtime: Runtime, { listener, https }: Pick<KmipService, "listener" | "https">): Health {
  const health = createHealth();
  health.register("kmip", "ready", async () => {
    listener.address();
  });
  if (https !== null) {
    health.register("https", "ready", async () => {
      https.address();
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
