import { join } from "node:path";
import { describeCertificate } from "#certs/describe.js";
import { Identities } from "#src/access/identities.js";
import { permissions } from "#src/access/permissions.js";
import { Events } from "#src/audit/events/events.js";
import type { Configuration } from "#src/config/configuration.js";
import { HsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { Partition, RootPartition } from "#src/crypto/port.js";
import { NoSiblings } from "#src/siblings/alone.js";
import type { Siblings } from "#src/siblings/siblings.js";
import { inTurn } from "#src/siblings/turns.js";
import type { Log } from "#src/telemetry/log.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import type { AuditPosition } from "#storage/types.js";
import { localActor } from "./audit-record.js";
import { Clients } from "./clients.js";
import { CredentialAdministration } from "./credentials.js";
import { openWatchedDatabase } from "./database-watch.js";
import { Destinations } from "./destinations.js";
import { makeFolder } from "./files.js";
import { TrustAdministration } from "./first-contact/trusted-authorities.js";
import { WaitingClients } from "./first-contact/waiting-clients.js";
import { type HomeLock, lockHome } from "./home-lock.js";
import {
  type Authorities,
  ensureServerCertificates,
  openAuthorities,
  openRootPartition,
  type Progress,
} from "./installation.js";
import { homeLayout } from "./layout.js";
import { sampleQueues } from "./measurements.js";
import { issueOperator } from "./operators.js";
import { followPartitions } from "./partition-reports.js";
import { Partitions } from "./partitions.js";
import { softwareVersion } from "./software-version.js";
import { Tasks } from "./tasks.js";
import { Tenants } from "./tenants.js";
import type { TraceTap } from "./traces/tap.js";
import { type Traces, tracingOf } from "./traces/traces.js";

/** What the first run makes besides the server's own things. */
const firstTenant = "demo";
const firstClient = "demo-client";
const firstOperator = "admin";

/** Everything of a data directory that is open: what both the server and commands without a server work with. */
export interface Runtime {
  readonly configuration: Configuration;
  readonly log: Log;
  /** Names this process in the audit trail. */
  readonly nodeId: string;
  readonly database: Database;
  /** The other processes of this server. */
  readonly siblings: Siblings;
  /** Of what an operator must hear. */
  readonly events: Events;
  readonly engine: HsmEngine;
  readonly root: RootPartition & Partition;
  readonly authorities: Authorities;
  readonly partitions: Partitions;
  readonly identities: Identities;
  readonly tenants: Tenants;
  readonly clients: Clients;
  readonly credentials: CredentialAdministration;
  readonly destinations: Destinations;
  readonly tasks: Tasks;
  readonly waitingClients: WaitingClients;
  readonly trust: TrustAdministration;
  readonly traces: Traces;
  /** Where listeners hand over what is traced. */
  readonly tap: TraceTap;
  /** Closes everything, workers and database threads included, and releases the data directory. */
  close(): Promise<void>;
}

/** What opening a data directory is given. */
export interface RuntimeOptions {
  readonly configuration: Configuration;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Told what the first run is doing. */
  readonly progress: Progress;
  /** The other processes of this server; none where left out. */
  readonly siblings?: Siblings;
  /** Audit rows that the database must have to be opened. */
  readonly acknowledged?: readonly AuditPosition[];
}

/** Where clients on other machines reach the server: its first own name, unless it only listens to one address. */
function clientAddress({ kmip, server }: Configuration): { host: string; port: number } {
  const everywhere = kmip.host === "0.0.0.0" || kmip.host === "::";
  return { host: everywhere ? (server.names[0] ?? "localhost") : kmip.host, port: kmip.port };
}

/** Opens a data directory for this process alone, making on first run what is missing. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { configuration } = options;
  const { home } = configuration;
  await makeFolder(home);
  const siblings = options.siblings ?? new NoSiblings();
  const lock = siblings.self === 0 ? await lockHome(homeLayout(home)) : heldByTheFirst;
  const events = new Events({ log: options.log, metrics: options.metrics, now: () => Date.now() });
  const engine = new HsmEngine({
    logger: options.log,
    ...hsmLimits(configuration),
    inTurn: (tenantId, start) => inTurn(siblings, `worker of ${tenantId}`, start),
    report: followPartitions(options.metrics, events.raise),
    observe: (_tenantId, call, milliseconds, outcome) => {
      options.metrics.count("hsmCalls", { call, outcome });
      options.metrics.observe("hsmCallSeconds", { call }, milliseconds / 1000);
    },
  });
  try {
    return await openWith({ ...options, siblings }, engine, events, lock);
  } catch (error) {
    await engine.stop();
    await events.stop();
    await lock.release();
    throw error;
  }
}

function hsmLimits({
  hsm,
}: Configuration): ConstructorParameters<typeof HsmEngine>[0] extends infer O ? Partial<O> : never {
  const { workersMax, workersPerPartition, idleStopSeconds, queueLimit } = hsm;
  const { callTimeoutMilliseconds, waitTimeoutMilliseconds } = hsm;
  const limits = { workersMax, workersPerPartition, idleStopSeconds, queueLimit };
  const wear = { operationLimit: hsm.workerOperations, residentLimitBytes: hsm.workerMebibytes * 1024 * 1024 };
  const refusedPinsFolder = join(hsm.directory, "refused-pins");
  return { ...limits, ...wear, callTimeoutMilliseconds, waitTimeoutMilliseconds, refusedPinsFolder };
}

async function openWith(
  options: RuntimeOptions & { readonly siblings: Siblings },
  engine: HsmEngine,
  events: Events,
  lock: HomeLock,
): Promise<Runtime> {
  const { configuration, log, progress, siblings } = options;
  const { home, server } = configuration;
  const root = await openRootPartition(configuration, engine, progress);
  const authorities = await openAuthorities(home, root, progress);
  const nodeId = nodeIdOf(server.nodeId, siblings);
  if (siblings.self === 0) await ensureServerCertificates(home, authorities, server.names, progress);
  const database = await openWatchedDatabase(nodeId, options.acknowledged ?? [], { ...options, events });
  const identities = new Identities(database, () => performance.now(), siblings);
  const partitions = new Partitions({ database, engine, root, configuration });
  const tenants = new Tenants({ database, engine, root, identities, configuration });
  const clients = new Clients({
    database,
    tenants,
    identities,
    authority: authorities.clients,
    home,
    address: clientAddress(configuration),
  });
  const credentials = new CredentialAdministration({ database, tenants, identities, root });
  const destinations = new Destinations({ database, tenants, root, configuration, siblings });
  const tasks = new Tasks({ database, tenants, partitions });
  const tracing = tracingOf({ database, tenants, siblings, identities, raise: events.raise, log, home });
  const close = async (): Promise<void> => {
    await tracing.traces.close();
    await engine.stop();
    await events.stop();
    await database.close();
    await lock.release();
  };
  options.metrics.beforeExposition(() => sampleQueues(database, engine, options.metrics));
  const runtime = {
    configuration,
    log,
    nodeId,
    database,
    siblings,
    events,
    engine,
    root,
    authorities,
    partitions,
    identities,
    tenants,
    clients,
    credentials,
    destinations,
    tasks,
    ...firstContactOf({ configuration, authorities, database, tenants, identities }),
    ...tracing,
    close,
  };
  return begun(runtime, progress);
}

/** Registers the process, and makes what the first run makes. */
async function begun(runtime: Runtime, progress: Progress): Promise<Runtime> {
  await registerNode(runtime);
  if (runtime.siblings.self === 0) await firstRun(runtime, progress);
  return runtime;
}

function firstContactOf({
  configuration,
  authorities,
  ...shared
}: Pick<Runtime, "configuration" | "authorities" | "database" | "tenants" | "identities">): Pick<
  Runtime,
  "waitingClients" | "trust"
> {
  const lifetimeMilliseconds = configuration.firstContact.waitingDays * 86_400_000;
  const ownAuthority = describeCertificate(authorities.clients.certificatePem).fingerprint256;
  return {
    waitingClients: new WaitingClients({ ...shared, lifetimeMilliseconds }),
    trust: new TrustAdministration({ ...shared, ownAuthority }),
  };
}

/** The first process of a server holds the data directory for all of them. */
const heldByTheFirst: HomeLock = { release: async () => undefined };

/** Names a process of a server in the audit trail. No node that an operator names is called like one of the others. */
function nodeIdOf(server: string, { self }: Siblings): string {
  return self === 0 ? server : `${server}/${self}`;
}

async function registerNode({ database, nodeId }: Runtime): Promise<void> {
  const node = { id: nodeId, name: nodeId, startedAt: Date.now(), softwareVersion: softwareVersion() };
  await database.commit([change("nodes", "register", node)]);
}

/** Makes the first operator, tenant and client; each is looked for first, so that a cut-off first run goes on here. */
async function firstRun(runtime: Runtime, progress: Progress): Promise<void> {
  const { database, authorities, configuration } = runtime;
  const done = await database.read.serverState.get("firstRun");
  if (done !== null) return;
  if ((await database.read.operators.list()).length === 0) {
    progress(`issuing the operator "${firstOperator}"`);
    const { operators: authority, clients: serverAuthority } = authorities;
    await issueOperator({ database, authority, serverAuthority, home: configuration.home }, localActor, firstOperator);
  }
  if (configuration.hsm.rootToken !== undefined) {
    progress("making no tenant: bind each to a token of its own with keyreeve tenant create");
  } else {
    await makeFirstTenant(runtime, progress);
  }
  await database.commit([change("serverState", "set", "firstRun", new Date().toISOString())]);
}

/** Makes the first tenant with its client. */
async function makeFirstTenant({ database, tenants, clients }: Runtime, progress: Progress): Promise<void> {
  if ((await database.read.tenants.byName(firstTenant)) === null) {
    progress(`making the tenant "${firstTenant}" with a partition of its own`);
    await tenants.create(localActor, { name: firstTenant, interoperabilityTests: true });
  }
  const present = await clients.list(firstTenant);
  if (!present.some(({ name }) => name === firstClient)) {
    progress(`issuing the client "${firstClient}"`);
    await clients.issue(localActor, { tenant: firstTenant, name: firstClient, permissions });
  }
}
