import { readFile } from "node:fs/promises";
import { Operation as OperationCode } from "#protocol/enums/index.js";
import { readHeader } from "#protocol/ttlv/header.js";
import { V1_0 } from "#protocol/versions.js";
import { Attestation } from "#src/access/attestation.js";
import { tenantWidePolicy } from "#src/access/authorise.js";
import { refusalOf } from "#src/access/caller.js";
import { HandshakeAudit } from "#src/administration/handshake-audit.js";
import { homeLayout } from "#src/administration/layout.js";
import type { Runtime } from "#src/administration/runtime.js";
import { softwareVersion } from "#src/administration/software-version.js";
import type { AuditCheckpoints } from "#src/audit/checkpoints.js";
import type { Configuration } from "#src/config/configuration.js";
import { ObjectStore } from "#src/inventory/object-store.js";
import { AsynchronousRunner } from "#src/jobs/asynchronous-runner.js";
import type { ConnectionInfo } from "#src/net/handler.js";
import { createKmipListener, type KmipListener } from "#src/net/listener.js";
import type { TlsSettings } from "#src/net/tls-settings.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { Operation } from "#src/operations/contract/operation.js";
import { operations } from "#src/operations/index.js";
import { performClaimed } from "#src/pipeline/asynchronous/perform.js";
import type { AsynchronousWork, Services } from "#src/pipeline/services.js";
import { type MessageOrigin, RequestPipeline } from "#src/pipeline.js";
import type { Metrics } from "#src/telemetry/metrics.js";

/** Objects kept in memory, verified; about two kilobytes each. */
const cachedObjects = 20_000;

/** What bytes that are no message are told. */
const unreadableWords = {
  "too-large": "the message is longer than this server accepts",
  "not-ttlv": "the bytes received are no KMIP message in TTLV",
  truncated: "the message ended before its length",
  "too-slow": "the message took too long to arrive",
} as const;

/** Serves KMIP: the pipeline behind the TLS listener, with everything they need from an open data directory. */
export class KmipService {
  readonly listener: KmipListener;
  readonly store: ObjectStore;
  private readonly runner: AsynchronousRunner;
  private readonly runtime: Runtime;
  private readonly handshakeAudit: HandshakeAudit;

  private constructor(runtime: Runtime, metrics: Metrics, checkpoints: AuditCheckpoints, tls: TlsSettings) {
    this.runtime = runtime;
    const { configuration, database, log } = runtime;
    const partitionOf = (tenantId: string) => runtime.partitions.of(tenantId);
    this.store = new ObjectStore({ database, partitionOf, cachedObjects });
    this.handshakeAudit = new HandshakeAudit(database, log, "kmip");
    const services: Services = servicesOf(runtime, this.store, { metrics, checkpoints, runner: () => this.runner });
    this.runner = new AsynchronousRunner({
      database,
      log,
      concurrency: configuration.asynchronous.concurrency,
      perform: (batch) => performClaimed(services, batch),
      now: () => Date.now(),
    });
    const pipeline = new RequestPipeline(services);
    const { host, port, clientCertificate } = configuration.kmip;
    this.listener = createKmipListener({
      host,
      port,
      clientCertificate,
      tls,
      limits: listenerLimits(configuration),
      handler: {
        onMessage: async (connection, message) => {
          const askedAt = performance.now();
          const answer = await pipeline.answer(message, originOf(connection));
          metrics.observe("messageSeconds", {}, (performance.now() - askedAt) / 1000);
          return answer;
        },
        onUnreadable: (connection, reason, headerBytes) =>
          looksLikeKmip(headerBytes)
            ? pipeline.refuse(new KmipError("InvalidMessage", unreadableWords[reason]), originOf(connection), V1_0)
            : null,
      },
      observer: {
        onConnection: () => {
          metrics.count("connections", { listener: "kmip" });
          metrics.change("connectionsOpen", { listener: "kmip" }, 1);
        },
        onClose: (connection, reason) => {
          metrics.change("connectionsOpen", { listener: "kmip" }, -1);
          log.debug(
            { connection: connection.id, remoteAddress: connection.remoteAddress, reason },
            "connection closed",
          );
        },
        onHandshakeFailure: (failure) => {
          const { code, explanation, detail, remoteAddress } = failure;
          metrics.count("handshakeFailures", { listener: "kmip", reason: code });
          log.warn({ code, detail, remoteAddress }, explanation);
          this.handshakeAudit.record(failure);
        },
        onFault: (error, connection) =>
          log.error({ error, connection: connection?.id }, "a connection failed on our side"),
      },
    });
    runtime.identities.onChanged(() => this.disconnectRefused());
  }

  /** Reads the certificates and starts to listen. Throws TlsSettingsError. */
  static async start(runtime: Runtime, metrics: Metrics, checkpoints: AuditCheckpoints): Promise<KmipService> {
    const service = new KmipService(runtime, metrics, checkpoints, await tlsSettings(runtime));
    await service.runner.start();
    await service.listener.listen();
    return service;
  }

  /** Takes changed certificate files for handshakes from now on. */
  async reloadCertificates(): Promise<void> {
    this.listener.reload(await tlsSettings(this.runtime));
  }

  /** Finishes what was accepted, then closes. */
  async stop(): Promise<void> {
    await this.listener.stop({ timeoutMilliseconds: this.runtime.configuration.kmip.limits.stopSeconds * 1000 });
    await this.runner.stop();
    this.handshakeAudit.stop();
  }

  /** Cuts the connections of clients that are not served any more. */
  private disconnectRefused(): void {
    for (const connection of this.listener.connections()) {
      this.refusalFor(connection).then(
        (refusal) => {
          if (refusal !== undefined) connection.destroy(refusal);
        },
        (error: unknown) => this.runtime.log.error({ error }, "an open connection could not be checked again"),
      );
    }
  }

  private async refusalFor({ peer }: ConnectionInfo): Promise<string | undefined> {
    if (peer === null) return undefined;
    return refusalOf(await this.runtime.identities.find(peer.fingerprint256), Date.now());
  }
}

function servicesOf(
  runtime: Runtime,
  store: ObjectStore,
  told: {
    readonly metrics: Metrics;
    readonly checkpoints: AuditCheckpoints;
    readonly runner: () => AsynchronousRunner;
  },
): Services {
  const { metrics, checkpoints } = told;
  const { configuration, database, identities, partitions, log } = runtime;
  const offered = offeredOperations(configuration);
  const byCode = new Map(offered.map((operation) => [operation.code, operation]));
  const { maximumBatchItems, maximumMessageBytes, maximumDepth, maximumItems } = configuration.kmip.limits;
  return {
    database,
    store,
    identities,
    attestation: new Attestation(() => performance.now()),
    partitionOf: (tenantId) => partitions.of(tenantId),
    policyOf: () => tenantWidePolicy,
    operation: (code) => byCode.get(code),
    deployment: {
      vendorIdentification: "Keyreeve",
      serverName: configuration.server.nodeId,
      serverVersion: softwareVersion(),
      operations: offered,
      interoperabilityTests: configuration.kmip.interoperabilityTests,
      maximumBatchItems,
      capabilities: { streaming: false, asynchronous: byCode.has(OperationCode.Poll) },
      registrationsChanged: () => identities.changed(),
      tokenInformation: (tenantId) => partitions.informationOf(tenantId),
    },
    nodeId: configuration.server.nodeId,
    limits: { maximumBatchItems, maximumMessageBytes, maximumDepth, maximumItems },
    asynchronous: asynchronousWork(runtime, told.runner),
    clock: {
      wallMilliseconds: () => Date.now(),
      steadyMicroseconds: () => Math.round(performance.now() * 1000),
    },
    log,
    metrics: {
      itemDone: (operation, outcome, microseconds) => {
        const status = outcome === "success" ? "success" : "failure";
        metrics.count("requests", { operation, status, reason: outcome });
        metrics.observe("requestSeconds", { operation }, microseconds / 1_000_000);
      },
    },
    auditAppended: (position) => {
      metrics.count("auditRows", {});
      checkpoints.observe(position);
    },
  };
}

/** A setting of the KMIP service makes no sense; the message is for the operator. */
export class ServiceSettingError extends Error {
  override readonly name = "ServiceSettingError";
}

/** All operations, but for those that are disabled. */
function offeredOperations({ kmip }: Configuration): readonly Operation[] {
  const disabled = new Set(kmip.disabledOperations);
  const unknown = kmip.disabledOperations.find((name) => !operations.some((operation) => operation.name === name));
  if (unknown !== undefined) {
    throw new ServiceSettingError(
      `kmip.disabledOperations: there is no operation "${unknown}"; see docs/operations.md`,
    );
  }
  return operations.filter(({ name }) => !disabled.has(name));
}

function asynchronousWork({ configuration, root }: Runtime, runner: () => AsynchronousRunner): AsynchronousWork {
  const { maximumOfClient, maximumOfTenant, startDelayMilliseconds, lifetimeSeconds, repeatSeconds } =
    configuration.asynchronous;
  return {
    sealing: root,
    limits: { ofClient: maximumOfClient, ofTenant: maximumOfTenant },
    startDelayMilliseconds,
    lifetimeMilliseconds: lifetimeSeconds * 1000,
    repeatMilliseconds: repeatSeconds * 1000,
    submitted: (notBefore) => runner().expect(notBefore),
    hasten: (batchId, milliseconds) => runner().hasten(batchId, milliseconds),
  };
}

function listenerLimits({ kmip }: Configuration): Parameters<typeof createKmipListener>[0]["limits"] & object {
  const { limits } = kmip;
  return {
    maximumMessageBytes: limits.maximumMessageBytes,
    maximumPipelinedRequests: limits.maximumPipelinedRequests,
    handshakeMilliseconds: limits.handshakeSeconds * 1000,
    messageMilliseconds: limits.messageSeconds * 1000,
    idleMilliseconds: limits.idleSeconds * 1000,
    writeMilliseconds: limits.writeSeconds * 1000,
    maximumConnections: limits.maximumConnections,
    maximumConnectionsPerAddress: limits.maximumConnectionsPerAddress,
    maximumConnectionsPerClient: limits.maximumConnectionsPerClient,
    maximumHandshakes: limits.maximumHandshakes,
  };
}

function originOf({ remoteAddress, peer }: ConnectionInfo): MessageOrigin {
  return { sourceAddress: remoteAddress, certificateFingerprint: peer?.fingerprint256 ?? null };
}

/** Whether bytes begin like a KMIP message; anything else gets no answer it could not read. */
function looksLikeKmip(headerBytes: Buffer): boolean {
  return headerBytes.length >= 8 && readHeader(headerBytes, 0).tag >>> 16 === 0x42;
}

/** The server's certificates: those of the configuration, or those made on first run. */
async function tlsSettings({ configuration, authorities }: Runtime): Promise<TlsSettings> {
  const { certificates, profile } = configuration.kmip.tls;
  const layout = homeLayout(configuration.home);
  const own = (["ec", "rsa"] as const).map((kind) => ({
    certificateFile: layout.serverCertificate(kind),
    keyFile: layout.serverKey(kind),
  }));
  const chosen = certificates.length > 0 ? certificates : own;
  return {
    profile,
    clientAuthorities: [authorities.clients.certificatePem],
    certificates: await Promise.all(
      chosen.map(async ({ certificateFile, keyFile }) => ({
        certificatePem: await readFile(certificateFile, "utf8"),
        privateKeyPem: await readFile(keyFile, "utf8"),
      })),
    ),
  };
}
