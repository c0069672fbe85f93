import { createHash } from "node:crypto";
import { openRuntime, type Runtime, type RuntimeOptions } from "#src/administration/runtime.js";
import { AuditCheckpoints } from "#src/audit/checkpoints.js";
import { insecureSettings } from "#src/config/insecure.js";
import { settleIntents } from "#src/jobs/settle-intents.js";
import { KmipService } from "#src/kmip-service.js";
import { createHealth, type Health } from "#src/telemetry/health.js";
import type { Metrics } from "#src/telemetry/metrics.js";

/** Requests under way are younger than this; what is older was left by a crash. */
const abandonedMilliseconds = 600_000;

/** A server that serves. */
export interface RunningServer {
  readonly runtime: Runtime;
  readonly kmip: KmipService;
  readonly health: Health;
  readonly kmipPort: number;
  readonly home: string;
  /** Takes changed certificate files for handshakes from now on. */
  reload(): Promise<void>;
  /** Finishes accepted requests and closes everything. */
  stop(): Promise<void>;
}

/** Opens the data directory, settles what a crash left, and serves. Rejects with the reason where it cannot. */
export async function startServer(options: RuntimeOptions): Promise<RunningServer> {
  const { configuration, log } = options;
  for (const warning of insecureSettings(configuration)) log.warn({}, warning);
  const runtime = await openRuntime(options);
  try {
    return await serve(runtime, options);
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

async function serve(runtime: Runtime, options: RuntimeOptions): Promise<RunningServer> {
  const { configuration, database, log, partitions } = runtime;
  const settling = { database, partitionOf: (tenantId: string) => partitions.of(tenantId), log };
  await settleIntents(settling, 0);
  const sweep = setInterval(() => {
    settleIntents(settling, abandonedMilliseconds).catch((error: unknown) => {
      log.error({ error }, "interrupted key changes could not be looked for");
    });
  }, abandonedMilliseconds).unref();
  const checkpoints = await startCheckpoints(runtime, options.metrics);
  const kmip = await KmipService.start(runtime, options.metrics, checkpoints);
  const health = healthOf(runtime);
  const stop = async (): Promise<void> => {
    health.stopping();
    clearInterval(sweep);
    await kmip.stop();
    await checkpoints.stop().catch((error: unknown) => log.error({ error }, "the last checkpoint could not be signed"));
    await runtime.close();
  };
  return {
    runtime,
    kmip,
    health,
    kmipPort: kmip.listener.address().port,
    home: configuration.home,
    reload: () => kmip.reloadCertificates(),
    stop,
  };
}

async function startCheckpoints(runtime: Runtime, metrics: Metrics): Promise<AuditCheckpoints> {
  const { configuration, database, root, log } = runtime;
  const { checkpointFile, checkpointRows, checkpointSeconds } = configuration.audit;
  const publicKey = await root.checkpointPublicKey();
  return AuditCheckpoints.start({
    database,
    nodeId: configuration.server.nodeId,
    sign: async (data) => {
      const signature = await root.signCheckpoint(data);
      metrics.count("auditCheckpoints", {});
      return signature;
    },
    keyId: createHash("sha256").update(publicKey).digest("hex"),
    file: checkpointFile,
    everyMs: checkpointSeconds * 1000,
    everyRows: checkpointRows,
    logger: log,
  });
}

function healthOf({ database, root }: Runtime): Health {
  const health = createHealth();
  health.register("process", "live", async () => undefined);
  health.register("database", "ready", () => database.check());
  health.register("hsm", "ready", async () => {
    await root.random(1);
  });
  return health;
}
