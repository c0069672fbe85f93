/** A server of its own process for tests, composed as src/main.ts does it, that its parent can administer. */
import { localActor } from "#src/administration/audit-record.js";
import type { DestinationRequest, PutOrder } from "#src/administration/destinations.js";
import type { Runtime } from "#src/administration/runtime.js";
import { exportAudit } from "#src/audit/export.js";
import { verifyAudit } from "#src/audit/verify.js";
import { loadConfiguration } from "#src/config/load.js";
import { startServer } from "#src/main.js";
import { createLog } from "#src/telemetry/log.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import type { Administration, AdministrationCall } from "./server.js";

const configuration = loadConfiguration({ environment: process.env });
const server = await startServer({
  configuration,
  log: createLog(configuration.log),
  metrics: createMetrics({ process: false }),
  progress: (message) => process.stdout.write(`${message}\n`),
});

async function collect<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}

const administration: (runtime: Runtime) => { [Call in keyof Administration]: Administration[Call] } = ({
  clients,
  credentials,
  tenants,
  destinations,
  database,
}) => ({
  issueClient: async (tenant, name) => (await clients.issue(localActor, { tenant, name })).folder,
  changeClient: async (tenant, name, change) =>
    (await clients.change(localActor, { tenant, name, ...(JSON.parse(change) as object) })).name,
  revokeClient: async (tenant, name) => (await clients.revoke(localActor, { tenant, name })).name,
  setCredential: async (request) => JSON.stringify(await credentials.set(localActor, JSON.parse(request))),
  createTenant: async (name, configuration = "{}") =>
    (await tenants.create(localActor, { name, ...(JSON.parse(configuration) as object) })).id,
  suspendTenant: async (name) => (await tenants.suspend(localActor, name)).id,
  addDestination: async (request) =>
    (await destinations.add(localActor, JSON.parse(request) as DestinationRequest)).name,
  listDestinations: async (tenant) => JSON.stringify(await destinations.list(tenant)),
  put: async (order) => (await destinations.put(localActor, JSON.parse(order) as PutOrder)).name,
  exportAudit: async () => (await collect(exportAudit(database.read))).join(""),
  verifyAudit: async () => JSON.stringify(await collect(verifyAudit(database.read))),
  resumeTenant: async (name) => (await tenants.resume(localActor, name)).id,
});

process.on("message", ({ id, call, args }: AdministrationCall) => {
  const calls: Readonly<Record<string, (...args: string[]) => Promise<string>>> = administration(server.runtime);
  const done = calls[call]?.(...args) ?? Promise.reject(new RangeError(`no call ${call}`));
  done.then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});

function stop(): void {
  server.stop().then(
    () => {
      if (process.connected) process.disconnect();
    },
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
      if (process.connected) process.disconnect();
    },
  );
}

process.once("SIGTERM", stop);
// A test that crashed leaves no server behind.
process.once("disconnect", stop);

process.stdout.write("keyreeve is ready\n");
