import { refusalOf } from "#src/access/caller.js";
import type { Runtime } from "#src/administration/runtime.js";
import type { AuditCheckpoints } from "#src/audit/checkpoints.js";
import { ObjectStore } from "#src/inventory/object-store.js";
import { AsynchronousRunner } from "#src/jobs/asynchronous-runner.js";
import { Rotator } from "#src/jobs/rotator.js";
import { ScanSchedule } from "#src/jobs/tasks/scan-schedule.js";
import type { TaskRunner } from "#src/jobs/tasks/task-runner.js";
import type { ConnectionInfo } from "#src/net/handler.js";
import type { Operation } from "#src/operations/contract/operation.js";
import { OpenStreams } from "#src/operations/cryptography/open-streams.js";
import { performClaimed } from "#src/pipeline/asynchronous/perform.js";
import { rotate } from "#src/pipeline/rotation/rotate.js";
import type { Clock, Services, Surroundings } from "#src/pipeline/services.js";
import { RequestPipeline } from "#src/pipeline.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";
import { taskRunnerOf } from "#src/task-service.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import { type Duties, dutiesOf } from "./kmip-service/duties.js";
import { type Entries, readEntries, ServedListeners } from "./kmip-service/served-listeners.js";
import { servicesOf } from "./kmip-service/services.js";
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
  /** What is watched around the process. */
  readonly surroundings: Surroundings & { readonly clock: Pick<Clock, "wallMilliseconds"> };
  /** Told how the audit chains of this process grow. */
  readonly checkpoints: Pick<AuditCheckpoints, "observe">;
  /** Every operation there is; the configuration may disable some. */
  readonly operations: readonly Operation[];
  /** Awaited when everything is there, before clients are served. */
  readonly beforeListening?: () => Promise<void>;
}

/** Serves KMIP: the pipeline behind the listeners for TLS and HTTPS, with everything they need from an open data directory. */
export class KmipService {
  readonly listeners: ServedListeners;
  readonly store: ObjectStore;
  private readonly runner: AsynchronousRunner;
  private readonly rotator: Rotator;
  private readonly tasks: TaskRunner;
  private readonly scans: ScanSchedule;
  private readonly toClients: ToClients;
  private readonly streams: OpenStreams;
  private readonly runtime: Runtime;
  private readonly duties: Duties;

  private constructor(runtime: Runtime, parts: KmipServiceParts, entries: Entries) {
    this.runtime = runtime;
    const { metrics } = parts;
    this.duties = dutiesOf(runtime.siblings);
    const { configuration, database, log, siblings } = runtime;
    const partitionOf = (tenantId: string) => runtime.partitions.of(tenantId);
    const { cachedObjects } = configuration.objects;
    this.store = new ObjectStore({ database, partitionOf, cachedObjects, damaged: damageOf(runtime), siblings });
    this.streams = new OpenStreams(configuration.kmip.limits, () => performance.now(), siblings);
    const services: Services = servicesOf(runtime, {
      ...parts,
      store: this.store,
      streams: this.streams,
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
    const setting = { configuration, pipeline, metrics, log, siblings, toClients: this.toClients, tap: runtime.tap };
    this.listeners = new ServedListeners(runtime, setting, entries);
    runtime.identities.onChanged(() => this.disconnectRefused());
    runtime.destinations.onChanged(() => {
      services.outbox.changed();
      this.toClients.deliverer.look();
    });
  }

  /** Reads the certificates and starts to listen. Throws TlsSettingsError and ServiceSettingError. */
  static async start(runtime: Runtime, parts: KmipServiceParts): Promise<KmipService> {
    const service = new KmipService(runtime, parts, await readEntries(runtime));
    try {
      if (service.duties.works) await service.runner.start();
      await parts.beforeListening?.();
      if (service.duties.listens) await service.listeners.listen();
      service.toClients.deliverer.start();
      if (service.duties.works) await service.startWork();
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  private async startWork(): Promise<void> {
    this.rotator.start();
    await this.tasks.start();
    this.scans.start();
  }

  /** Finishes what was accepted, then closes. */
  async stop(): Promise<void> {
    await this.listeners.stop();
    await this.scans.stop();
    await this.tasks.stop();
    await this.rotator.stop();
    await this.runner.stop();
    await this.toClients.deliverer.stop();
    await this.listeners.stopAudits();
    await this.streams.stop();
  }

  /** Cuts the connections of clients that are not served any more. */
  private async disconnectRefused(): Promise<void> {
    await Promise.all(this.listeners.connections().map((connection) => this.lookAgainAt(connection)));
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
