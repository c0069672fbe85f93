import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import type { Administration } from "#src/administration/administration.js";
import type { Configuration } from "#src/config/configuration.js";
import { configurationOf, tellProgress } from "./settings.js";

/** The operator whose certificate commands on the server's machine use. */
const localOperator = "admin";

/** How often, and how many milliseconds apart, a data directory that is busy is tried again. */
const attempts = 20;
const pauseMilliseconds = 200;

/** An administration, and how to end its use. */
interface Connection {
  readonly administration: Administration;
  close(): Promise<void>;
}

/**
 * Does the work of a command: through the admin port where a server runs, else on the data directory itself. Throws
 * HomeBusyError where another process has the data directory and no admin port.
 */
export async function withAdministration<T>(
  command: Command,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const connection = await connect(await configurationOf(command));
  try {
    return await work(connection.administration);
  } finally {
    await connection.close();
  }
}

async function connect(configuration: Configuration): Promise<Connection> {
  const { home } = configuration;
  const [{ homeLayout }, { HomeBusyError }] = await Promise.all([
    import("#src/administration/layout.js"),
    import("#src/administration/home-lock.js"),
  ]);
  const layout = homeLayout(home);
  if (!existsSync(layout.rootPartition)) {
    throw new Error(
      `${home} is no data directory yet; run "keyreeve init" or "keyreeve serve", or name another with --home`,
    );
  }
  for (let attempt = 1; ; attempt += 1) {
    const connection = await connectToServer(home, layout.operatorFolder(localOperator));
    if (connection !== undefined) return connection;
    try {
      return await openDirectly(configuration);
    } catch (error) {
      if (!(error instanceof HomeBusyError) || attempt === attempts) throw error;
    }
    // A server that is starting or stopping, or another command at work.
    await pause(pauseMilliseconds);
  }
}

async function connectToServer(home: string, operatorFolder: string): Promise<Connection | undefined> {
  const [{ readAdminAddress }, { AdminConnectionError, RemoteAdministration }] = await Promise.all([
    import("#src/administration/admin-address.js"),
    import("#src/admin/client.js"),
  ]);
  const address = await readAdminAddress(home);
  if (address === undefined) return undefined;
  const read = (file: string): Promise<string> => readFile(join(operatorFolder, file), "utf8");
  const administration = new RemoteAdministration({
    host: reachable(address.host),
    port: address.port,
    certificate: await read("client.crt"),
    key: await read("client.key"),
    authority: await read("ca.crt"),
  });
  const connection = { administration, close: async () => administration.close() };
  try {
    await administration.version();
    return connection;
  } catch (error) {
    administration.close();
    // The note of a server that was killed.
    if (error instanceof AdminConnectionError) return undefined;
    throw error;
  }
}

/** Where a server that listens to all addresses is reached from its own machine. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

async function openDirectly(configuration: Configuration): Promise<Connection> {
  const [
    { openRuntime },
    { LocalAdministration },
    { localActor },
    { createLog },
    { createMetrics },
    { tasksWithoutServer },
  ] = await Promise.all([
    import("#src/administration/runtime.js"),
    import("#src/administration/local-administration.js"),
    import("#src/administration/audit-record.js"),
    import("#src/telemetry/log.js"),
    import("#src/telemetry/metrics.js"),
    import("#src/task-service.js"),
  ]);
  const log = createLog({ ...configuration.log, level: "error", destination: "stderr" });
  const metrics = createMetrics({ process: false });
  const runtime = await openRuntime({ configuration, log, metrics, progress: tellProgress });
  const endTasks = tasksWithoutServer(runtime);
  const close = async (): Promise<void> => {
    await endTasks();
    await runtime.close();
  };
  return { administration: new LocalAdministration(runtime, localActor, null), close };
}
