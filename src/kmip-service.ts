import { refusalOf } from "#src/access/caller.js";
import { HandshakeAudit } from "#src/administration/handshake-audit.js";
import type { Runtime } from "#src/administration/runtime.js";
import type { AuditCheckpoints } from "#src/audit/checkpoints.js";
import { ObjectStore } from "#src/inventory/object-store.js";
import { AsynchronousRunner } from "#src/jobs/asynchronous-runner.js";
import { Rotator } from "#src/jobs/rotator.js";
import { ScanSchedule } from "#src/jobs/tasks/scan-schedule.js";
import type { TaskRunner } from "#src/jobs/tasks/task-runner.js";
import type { ConnectionInfo } from "#src/net/handler.js";
import type { TlsListener } from "#src/net/tls-listener.js";
import type { TlsSettings } from "#src/net/tls-settings.js";
import type { Operation } from "#src/operations/contract/operation.js";
import { OpenStreams } from "#src/operations/cryptography/open-streams.js";
import { performClaimed } from "#src/pipeline/asynchronous/perform.js";
import { rotate } from "#src/pipeline/rotation/rotate.js";
import type { Services } from "#src/pipeline/services.js";
import { RequestPipeline } from "#src/pipeline.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";
import { taskRunnerOf } from "#src/task-service.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import { type Duties, dutiesOf } from "./kmip-service/duties.js";
import { httpsListener, kmipListener } from "./kmip-service/listeners.js";
import { servicesOf } from "./kmip-service/services.js";
import { tlsSettings } from "./kmip-service/tls.js";
import { ToClients } from "./kmip-service/to-clients.js";

const messagesQueued = topic<null>("messages to clients were queued");

/** Does in all processes, this one included, what is to be done where messages were queued. */
function toldToAll(siblings: Siblings, look: () => void): () => void {
  siblings.on(messagesQueued, look);
  return () => {
    siblings.mention(messagesQueued, null);
    look();
  };
}

function damageOf({ events }: Runtime): (tenantId: string, objectId: string) => void {
  const detail = { found: "when it was used" };
  return (tenantId, objectId) => events.raise({ kind: "integrity-damaged", tenantId, objectId, detail });
}

/** What the service is handed. */
export interface KmipServiceParts {
  readonly metrics: Metrics;
  /** Told how the audit chains of this process grow. */
  readonly checkpoints: Pick<AuditCheckpoints, "observe">;
  /** Every operation there is; the configuration may disable some. */
  readonly operations: readonly Operation[];
  /** Awaited when everything is there, before clients are served. */
  readonly beforeListening?: () => Promise<void>;
}

/** Serves KMIP: the pipeline behind the listeners for TLS and HTTPS, with everything they need from an open data directory. */
export class KmipService {
  readonly listener: TlsListener;
  private httpsListener: TlsListener | null;
  readonly store: ObjectStore;
  private readonly runner: AsynchronousRunner;
  private readonly rotator: Rotator;
  private readonly tasks: TaskRunner;
  private readonly scans: ScanSchedule;
  private readonly toClients: ToClients;
  private readonly streams: OpenStreams;
  private readonly runtime: Runtime;
  private readonly audits: readonly HandshakeAudit[];
  private readonly duties: Duties;

  private constructor(runtime: Runtime, { metrics, checkpoints, operations }: KmipServiceParts, tls: TlsSettings) {
    this.runtime = runtime;
    this.duties = dutiesOf(runtime.siblings);
    const { configuration, database, log, siblings } = runtime;
    const partitionOf = (tenantId: string) => runtime.partitions.of(tenantId);
    const { cachedObjects } = configuration.objects;
    this.store = new ObjectStore({ database, partitionOf, cachedObjects, damaged: damageOf(runtime), siblings });
    this.streams = new OpenStreams(configuration.kmip.limits, () => performance.now(), siblings);
    const services: Services = servicesOf(runtime, {
      store: this.store,
      streams: this.streams,
      metrics,
      checkpoints,
      operations,
      runner: () => this.runner,
      queued: toldToAll(siblings, () => this.toClients.deliverer.look()),
    });
    const { identities, root } = runtime;
    this.toClients = new ToClients({ services, identities, root, configuration, connects: this.duties.works });
    this.runner = new AsynchronousRunner({
      database,
      log,
      concurrency: configuration.asynchronous.concurrency,
      perform: (batch) => performClaimed(services, batch),
      now: () => Date.now(),
    });
    this.rotator = new Rotator({
      database,
      log,
      everySeconds: configuration.rotation.everySeconds,
      rotate: (due) => rotate(services, due),
      now: () => Math.floor(Date.now() / 1000),
    });
    this.tasks = taskRunnerOf(runtime, {
      store: this.store,
      noticesOf: (tenantId, changes) => services.outbox.noticesOf(tenantId, changes),
      auditAppended: services.auditAppended,
    });
    this.scans = new ScanSchedule({
      database,
      log,
      everyHours: configuration.tasks.scanEveryHours,
      queued: () => this.tasks.look(),
      now: () => Date.now(),
    });
    runtime.tasks.onChanged(() => this.tasks.look());
    const pipeline = new RequestPipeline(services);
    const kmipAudit = new HandshakeAudit(database, log, "kmip");
    const httpsAudit = new HandshakeAudit(database, log, "https");
    this.audits = [kmipAudit, httpsAudit];
    const setting = { configuration, tls, pipeline, metrics, log, siblings, toClients: this.toClients };
    this.listener = kmipListener({ ...setting, audit: kmipAudit });
    this.httpsListener = configuration.kmip.https.enabled ? httpsListener({ ...setting, audit: httpsAudit }) : null;
    runtime.identities.onChanged(() => this.disconnectRefused());
    runtime.destinations.onChanged(() => {
      services.outbox.changed();
      this.toClients.deliverer.look();
    });
  }

  /** Reads the certificates and starts to listen. Throws TlsSettingsError. */
  static async start(runtime: Runtime, parts: KmipServiceParts): Promise<KmipService> {
    const service = new KmipService(runtime, parts, await tlsSettings(runtime));
    try {
      if (service.duties.works) await service.runner.start();
      await parts.beforeListening?.();
      if (service.duties.listens) await service.listen();
      service.toClients.deliverer.start();
      if (service.duties.works) await service.startWork();
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  /** KMIP over HTTPS; null where it is not served. */
  get https(): TlsListener | null {
    return this.httpsListener;
  }

  private get listeners(): readonly TlsListener[] {
    return this.https === null ? [this.listener] : [this.listener, this.https];
  }

  private async startWork(): Promise<void> {
    this.rotator.start();
    await this.tasks.start();
    this.scans.start();
  }

  private async listen(): Promise<void> {
    await this.listener.listen();
    await this.listenToHttps();
  }

  /** A port that nobody has asked for by number does not keep the server from starting. */
  private async listenToHttps(): Promise<void> {
    const { configuration, log } = this.runtime;
    const { port, isPortChosen } = configuration.kmip.https;
    try {
      await this.https?.listen();
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!isTaken || isPortChosen) throw error;
      this.httpsListener = null;
      log.error({ port }, "the port is taken: KMIP is not served over HTTPS; set kmip.https.port");
    }
  }

  /** Takes changed certificate files for handshakes from now on. */
  async reloadCertificates(): Promise<void> {
    const tls = await tlsSettings(this.runtime);
    for (const listener of this.listeners) listener.reload(tls);
  }

  /** Finishes what was accepted, then closes. */
  async stop(): Promise<void> {
    const timeoutMilliseconds = this.runtime.configuration.kmip.limits.stopSeconds * 1000;
    await Promise.all(this.listeners.map((listener) => listener.stop({ timeoutMilliseconds })));
    await this.scans.stop();
    await this.tasks.stop();
    await this.rotator.stop();
    await this.runner.stop();
    await this.toClients.deliverer.stop();
    for (const audit of this.audits) audit.stop();
    await this.streams.stop();
  }

  /** Open connections on all listeners. */
  connections(): readonly ConnectionInfo[] {
    return this.listeners.flatMap((listener) => listener.connections());
  }

  /** Cuts the connections of clients that are not served any more. */
  private async disconnectRefused(): Promise<void> {
    await Promise.all(this.connections().map((connection) => this.lookAgainAt(connection)));
  }

  private async lookAgainAt(connection: ConnectionInfo): Promise<void> {
    try {
      const refusal = await this.refusalFor(connection);
      if (refusal !== undefined) connection.destroy(refusal);
    } catch (error) {
      this.runtime.log.error({ error }, "an open connection could not be checked again");
    }
  }

  private async refusalFor({ peer }: ConnectionInfo): Promise<string | undefined> {
    if (peer === null) return undefined;
    return refusalOf(await this.runtime.identities.find(peer.fingerprint256), Date.now());
  }
}
