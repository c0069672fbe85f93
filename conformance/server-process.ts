/** A server in a folder of its own, with a tenant for each version to be played and three clients in each. */
import { type ProfileName, profileNames } from "#src/access/client-profiles.js";
import { localActor } from "#src/administration/audit-record.js";
import { loadConfiguration } from "#src/config/load.js";
import { startServer } from "#src/main.js";
import { createLog } from "#src/telemetry/log.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import { destinationName, type OwnServerOrder, type OwnServerReady, type PushOrder } from "./own-server.js";

process.once("message", (order: OwnServerOrder) => {
  serve(order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    process.disconnect();
  });
});

function profileNamed(text: string): ProfileName {
  const name = profileNames.find((each) => each === text);
  if (name === undefined) throw new RangeError(`there is no profile ${text}`);
  return name;
}

async function serve({ home, tenants, clients, receiver, experimentalVersions }: OwnServerOrder): Promise<void> {
  const environment = {
    KEYREEVE_KMIP_HOST: "127.0.0.1",
    KEYREEVE_KMIP_PORT: "0",
    KEYREEVE_HTTPS_PORT: "0",
    KEYREEVE_ADMIN_PORT: "0",
    KEYREEVE_LOG_LEVEL: "error",
    KEYREEVE_EXPERIMENTAL_VERSIONS: experimentalVersions.join(","),
  };
  const configuration = loadConfiguration({ home, environment });
  const log = createLog(configuration.log);
  const metrics = createMetrics({ process: false });
  const server = await startServer({ configuration, log, metrics, progress: () => undefined });
  process.on("disconnect", () => void server.stop());
  const folders: Record<string, string[]> = {};
  for (const { name: tenant, interoperabilityTests, profile } of tenants) {
    const chosen = profile === undefined ? {} : { profile: profileNamed(profile) };
    await server.runtime.tenants.create(localActor, { name: tenant, interoperabilityTests, ...chosen });
    const issued: string[] = [];
    for (const name of clients) {
      issued.push((await server.runtime.clients.issue(localActor, { tenant, name })).folder);
    }
    folders[tenant] = issued;
    const version = /^v(\d)-(\d)$/.exec(tenant)?.slice(1).join(".");
    if (version === undefined || experimentalVersions.includes(version)) continue;
    const way = { ...receiver, host: "127.0.0.1", version };
    await server.runtime.destinations.add(localActor, { tenant, name: destinationName, ...way });
  }
  process.on("message", ({ tenant, object }: PushOrder) => {
    const order = { tenant, object, destination: destinationName };
    server.runtime.destinations.put(localActor, order).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  });
  const ready: OwnServerReady = { kmipPort: server.kmipPort, httpsPort: server.httpsPort ?? 0, folders };
  process.send?.(ready);
}
