import { Operation as OperationCode } from "#protocol/enums/index.js";
import { experimentalVersions, formatVersion, type ProtocolVersion, supportedVersions } from "#protocol/versions.js";
import { Attestation } from "#src/access/attestation.js";
import { tenantWidePolicy } from "#src/access/authorise.js";
import { clientCertificatesOf } from "#src/access/client-certificates.js";
import { Credentials } from "#src/access/credentials.js";
import type { Runtime } from "#src/administration/runtime.js";
import { softwareVersion } from "#src/administration/software-version.js";
import type { Configuration } from "#src/config/configuration.js";
import { DecryptionWatch } from "#src/crypto/decryption-watch.js";
import type { ObjectStore } from "#src/inventory/object-store.js";
import type { AsynchronousRunner } from "#src/jobs/asynchronous-runner.js";
import type { KmipServiceParts } from "#src/kmip-service.js";
import type { Deployment } from "#src/operations/contract/deployment.js";
import type { Operation } from "#src/operations/contract/operation.js";
import type { OpenStreams } from "#src/operations/cryptography/open-streams.js";
import { CryptokiInstances } from "#src/operations/cryptoki/instances.js";
import { Forwarding } from "#src/pipeline/forwarding.js";
import type { AsynchronousWork, Services } from "#src/pipeline/services.js";
import { Outbox } from "#src/pipeline/to-clients/outbox.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import { handOver } from "./duties.js";
import { ServiceSettingError } from "./setting-error.js";
import { workSharingOf } from "./work-sharing.js";

/** What the service made for itself. */
export interface ServiceParts extends KmipServiceParts {
  readonly store: ObjectStore;
  readonly streams: OpenStreams;
  readonly runner: () => AsynchronousRunner;
  /** Told when messages to clients were queued. */
  readonly queued: () => void;
}

/** Everything the pipeline works with. */
export function servicesOf(runtime: Runtime, parts: ServiceParts): Services {
  const { store, streams, metrics, checkpoints, surroundings } = parts;
  const { configuration, database, identities, partitions, siblings, log } = runtime;
  const offered = offeredOperations(configuration, parts.operations);
  const versions = spokenVersions(configuration);
  const byCode = new Map(offered.map((operation) => [operation.code, operation]));
  const { maximumBatchItems, maximumMessageBytes, maximumDepth, maximumItems, requestSeconds } =
    configuration.kmip.limits;
  const requestMilliseconds = requestSeconds * 1000;
  return {
    database,
    store,
    streams,
    identities,
    attestation: new Attestation(() => performance.now(), siblings),
    credentials: new Credentials({
      database,
      unseal: (sealed, context) => runtime.root.unseal(sealed, context),
      wallMilliseconds: () => Date.now(),
      steadyMilliseconds: () => performance.now(),
      siblings,
    }),
    partitionOf: (tenantId) => partitions.of(tenantId),
    decryptions: watchOf(runtime, metrics),
    forwarding: new Forwarding(siblings),
    policyOf: () => tenantWidePolicy,
    operation: (code) => byCode.get(code),
    deployment: deploymentOf(runtime, offered),
    cryptoki: new CryptokiInstances(configuration.kmip.pkcs11, () => performance.now(), siblings),
    nodeId: runtime.nodeId,
    limits: { versions, maximumBatchItems, maximumMessageBytes, maximumDepth, maximumItems, requestMilliseconds },
    sharing: workSharingOf(runtime, metrics),
    asynchronous: asynchronousWork(runtime, parts.runner),
    outbox: outboxOf(runtime, parts),
    clock: {
      wallMilliseconds: () => surroundings.clock.wallMilliseconds(),
      steadyMicroseconds: () => Math.round(performance.now() * 1000),
    },
    surroundings,
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

function watchOf({ siblings, events }: Runtime, metrics: Metrics): DecryptionWatch {
  return new DecryptionWatch({
    siblings,
    now: () => performance.now(),
    failed: () => metrics.count("failedDecryptions", {}),
    alarm: ({ tenantId, objectId, failures }) =>
      events.raise({ kind: "decryptions-failing", tenantId, objectId, detail: { failures, withinMinutes: 60 } }),
  });
}

/** All operations, but for those that are disabled. */
function offeredOperations({ kmip }: Configuration, operations: readonly Operation[]): readonly Operation[] {
  const disabled = new Set(kmip.disabledOperations);
  const unknown = kmip.disabledOperations.find((name) => !operations.some((operation) => operation.name === name));
  if (unknown !== undefined) {
    throw new ServiceSettingError(
      `kmip.disabledOperations: there is no operation "${unknown}"; see docs/operations.md`,
    );
  }
  return operations.filter(({ name }) => !disabled.has(name));
}

/** The versions this server speaks, best first. */
function spokenVersions({ kmip }: Configuration): readonly ProtocolVersion[] {
  const chosen = experimentalVersions.filter((version) =>
    (kmip.experimentalVersions as readonly string[]).includes(formatVersion(version)),
  );
  return [...chosen, ...supportedVersions];
}

function deploymentOf(
  { authorities, configuration, identities, partitions }: Runtime,
  offered: readonly Operation[],
): Deployment {
  return {
    vendorIdentification: "Keyreeve",
    serverName: configuration.server.nodeId,
    serverVersion: softwareVersion(),
    operations: offered,
    versions: spokenVersions(configuration),
    interoperabilityTests: configuration.kmip.interoperabilityTests,
    maximumBatchItems: configuration.kmip.limits.maximumBatchItems,
    capabilities: {
      streaming: offered.some(({ inParts }) => inParts === true),
      asynchronous: offered.some(({ code }) => code === OperationCode.Poll),
    },
    clientCertificates: clientCertificatesOf(authorities.clients),
    registrationsChanged: () => identities.changedByRequest(),
    tokenInformation: (tenantId) => partitions.informationOf(tenantId),
  };
}

function outboxOf({ configuration, database }: Runtime, { store, queued }: ServiceParts): Outbox {
  const { maximumWaiting, lifetimeSeconds } = configuration.destinations;
  const limits = { maximumWaiting, lifetimeMilliseconds: lifetimeSeconds * 1000 };
  return new Outbox({ database, store, limits, queued, now: () => Date.now() });
}

function asynchronousWork(
  { configuration, root, siblings }: Runtime,
  runner: () => AsynchronousRunner,
): AsynchronousWork {
  const { maximumOfClient, maximumOfTenant, startDelayMilliseconds, lifetimeSeconds, repeatSeconds } =
    configuration.asynchronous;
  return {
    sealing: root,
    limits: { ofClient: maximumOfClient, ofTenant: maximumOfTenant },
    startDelayMilliseconds,
    lifetimeMilliseconds: lifetimeSeconds * 1000,
    repeatMilliseconds: repeatSeconds * 1000,
    ...handOver(siblings, runner),
  };
}
