import { createHash } from "node:crypto";
import { AdminService } from "#src/admin-service.js";
import { ClosingOrder } from "#src/administration/closing-order.js";
import type { ServerView } from "#src/administration/local-administration.js";
import { openRuntime, type Runtime, type RuntimeOptions } from "#src/administration/runtime.js";
import { CheckpointStanding } from "#src/audit/checkpoint-standing.js";
import { AuditCheckpoints } from "#src/audit/checkpoints.js";
import { newestCheckpointsInFile } from "#src/audit/outside-checkpoints.js";
import { heedGrowth } from "#src/audit/reported-growth.js";
import type { Configuration } from "#src/config/configuration.js";
import { insecureSettings } from "#src/config/insecure.js";
import { settleIntents } from "#src/jobs/settle-intents.js";
import { furtherDoors, insecureDoors } from "#src/kmip-service/doors.js";
import { KmipService } from "#src/kmip-service.js";
import type { Operation } from "#src/operations/contract/operation.js";
import { operations } from "#src/operations/index.js";
import { createHealth, type Health } from "#src/telemetry/health.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import { ChildProcesses } from "./main/child-processes.js";
import { collectWholeHeapRarely } from "./main/collections.js";
import { keepMemoryOutOfCores } from "./main/core-dumps.js";
import { type Front, frontOf, ownFront } from "./main/front.js";
import { kmipHealth, withAudit, withBackground } from "./main/kmip-health.js";
import { ServerSurroundings } from "./main/server-surroundings.js";

/** A server that serves. */
export interface RunningServer {
  readonly runtime: Runtime;
  readonly health: Health;
  readonly kmipPort: number;
  /** Null where KMIP is not served over HTTPS. */
  readonly httpsPort: number | null;
  /** Ports of the further listeners, by name. */
  readonly listenerPorts: Readonly<Record<string, number>>;
  readonly adminPort: number;
  readonly home: string;
  /** Takes changed certificate files for handshakes from now on. */
  reload(): Promise<void>;
  /** Finishes accepted requests and closes everything. */
  stop(): Promise<void>;
}

/** What starting a server is given. */
export interface ServerOptions extends RuntimeOptions {
  /** The operations of KMIP that it performs; all there are where left out. */
  readonly operations?: readonly Operation[];
}

/** Opens the data directory, settles what a crash left, and serves. Rejects with the reason where it cannot. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { configuration, log } = options;
  collectWholeHeapRarely();
  keepMemoryOutOfCores(log);
  for (const warning of [...insecureSettings(configuration), ...insecureDoors(furtherDoors(configuration))]) {
    log.warn({}, warning);
  }
  const closing = new ClosingOrder();
  try {
    const children = childrenOf(options);
    const acknowledged = await newestCheckpointsInFile(configuration.audit.checkpointFile);
    const runtime = await openRuntime({ ...options, acknowledged, ...(children && { siblings: children.siblings }) });
    closing.add(() => runtime.close());
    children?.raiseBy(runtime.events.raise);
    await runtime.traces.endAbandoned();
    await announceTestTenants(runtime);
    return await serve(runtime, options, children, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}

function childrenOf({ configuration, log }: ServerOptions): ChildProcesses | undefined {
  return configuration.server.workers > 1 ? new ChildProcesses(configuration, log) : undefined;
}

/** Says at start which tenants do what no production tenant does. */
async function announceTestTenants({ tenants, log }: Runtime): Promise<void> {
  for (const { name, interoperabilityTests } of await tenants.list()) {
    if (!interoperabilityTests) continue;
    log.warn(
      { tenant: name },
      "the tenant takes part in interoperability tests, which is a setting not for production: " +
        "keyreeve tenant set NAME --interoperability-tests off",
    );
  }
}

async function serve(
  runtime: Runtime,
  options: ServerOptions,
  children: ChildProcesses | undefined,
  closing: ClosingOrder,
): Promise<RunningServer> {
  const { configuration, clients, log } = runtime;
  const { metrics } = options;
  closing.add(await startSettling(runtime));
  const surroundings = await ServerSurroundings.start(runtime, metrics);
  closing.add(async () => surroundings.stop());
  const standing = standingOf(runtime, metrics, surroundings);
  closing.add(async () => standing.stop());
  const checkpoints = await startCheckpoints(runtime, metrics, standing);
  closing.add(() =>
    checkpoints.stop().catch((error: unknown) => log.error({ error }, "the last checkpoint could not be signed")),
  );
  heedGrowth(runtime.siblings, (position) => checkpoints.due(position));
  const kmip = await KmipService.start(runtime, {
    metrics,
    checkpoints,
    surroundings,
    operations: options.operations ?? operations,
  });
  closing.add(() => kmip.stop());
  if (children !== undefined) {
    closing.add(() => children.stop());
    await children.start();
  }
  const front = children === undefined ? ownFront(kmip) : frontOf(children);
  await clients.reachableAt(front.ports.kmipPort);
  const served = children === undefined ? kmipHealth(runtime, kmip.listeners) : healthBehind(runtime, children);
  const health = withAudit(served, surroundings);
  const admin = await AdminService.start(runtime, {
    metrics: { ...metrics, exposition: async () => metrics.exposition(await front.metrics()) },
    health,
    server: serverView(front, health, configuration),
  });
  closing.add(() => admin.stop());
  closing.add(async () => health.stopping());
  return {
    runtime,
    health,
    ...front.ports,
    adminPort: admin.port,
    home: configuration.home,
    reload: async () => {
      await front.reload();
      await admin.reloadCertificates();
    },
    stop: () => closing.close(),
  };
}

/** Settles what a crash left, now and from time to time; gives how to end that. */
async function startSettling({ configuration, database, partitions, log }: Runtime): Promise<() => Promise<void>> {
  const settling = { database, partitionOf: (tenantId: string) => partitions.of(tenantId), log };
  const abandonedMilliseconds = configuration.tasks.abandonedSeconds * 1000;
  await settleIntents(settling, 0);
  const settle = (olderThanMilliseconds: number): void => {
    settleIntents(settling, olderThanMilliseconds).catch((error: unknown) => {
      log.error({ error }, "interrupted key changes could not be looked for");
    });
  };
  const sweep = setInterval(() => settle(abandonedMilliseconds), abandonedMilliseconds).unref();
  // What began before the database went away has ended without it.
  database.onRecovered(settle);
  return async () => clearInterval(sweep);
}

function standingOf(
  { configuration, events, log }: Runtime,
  metrics: Metrics,
  surroundings: ServerSurroundings,
): CheckpointStanding {
  const { checkpointFile: file, refuseAfterSeconds } = configuration.audit;
  const refuseAfterMs = refuseAfterSeconds * 1000;
  const unsecured = surroundings.setAuditUnsecured;
  return new CheckpointStanding({ file, refuseAfterMs, log, metrics, raise: events.raise, unsecured });
}

async function startCheckpoints(
  runtime: Runtime,
  metrics: Metrics,
  standing: CheckpointStanding,
): Promise<AuditCheckpoints> {
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
    standing,
  });
}

/** The health of a server that serves in other processes: it is ready while one of them is. */
function healthBehind(runtime: Runtime, children: ChildProcesses): Health {
  const health = createHealth();
  health.register("kmip", "ready", async () => {
    const reasons = (await children.statuses()).map(({ number, reason }) => reason && `process ${number}: ${reason}`);
    if (!reasons.includes(null)) throw new Error(reasons.join("; "));
  });
  return withBackground(health, runtime);
}

function serverView(front: Front, health: Health, configuration: Configuration): ServerView {
  const startedAt = Date.now();
  const listeners = furtherDoors(configuration).map(({ name, port, tls, clientCertificate, entrance }) => ({
    name,
    port: front.ports.listenerPorts[name] ?? port,
    tls: tls.profile,
    clientCertificate,
    profile: entrance.profile ?? null,
    tenant: entrance.tenant ?? null,
  }));
  return {
    startedAt,
    kmipPort: front.ports.kmipPort,
    httpsPort: front.ports.httpsPort,
    listeners,
    connections: () => front.connections(),
    processes: () => front.processes(),
    parts: async () =>
      (await health.report("ready")).findings.map(({ name, healthy, reason }) => ({ name, healthy, reason })),
  };
}
