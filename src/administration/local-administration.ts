import { createHash, type KeyObject, verify } from "node:crypto";
import { publicKeyFromDer } from "#certs/key-reading.js";
import { type AuditEntry, auditEntry, chainName } from "#src/audit/entry.js";
import { exportAudit } from "#src/audit/export.js";
import { verifyAudit } from "#src/audit/verify.js";
import { taskOperations } from "#src/inventory/task-orders.js";
import { change } from "#storage/changes.js";
import type {
  Administration,
  AuditListing,
  AuditQuery,
  ChainFinding,
  ClientName,
  ClientRequest,
  HsmInformation,
  IntegrityScan,
  KeyRotation,
  ListenerStatus,
  PartStatus,
  ProcessStatus,
  ServerStatus,
  TaskListing,
  TenantRequest,
  VersionInformation,
} from "./administration.js";
import { auditFilter, chainOf, tenantNames } from "./audit-queries.js";
import { type Actor, administrationRecord } from "./audit-record.js";
import type { ClientChange } from "./client-changes.js";
import type { ClientSummary } from "./client-summary.js";
import type { IssuedClient } from "./clients.js";
import type { CredentialOwner, CredentialSummary, NewCredential, SetCredential } from "./credentials.js";
import type { DestinationRequest, DestinationSummary, PutOrder } from "./destinations.js";
import { AdministrationError } from "./errors.js";
import type { FirstContactAdministration } from "./first-contact/administration.js";
import { localFirstContact } from "./first-contact/local-administration.js";
import { hsmInformation } from "./hsm-information.js";
import type { Runtime } from "./runtime.js";
import { softwareVersion, versionInformation } from "./software-version.js";
import type { KeyEncryptionKeySummary, MigrationRequest, TaskReport, TaskSummary } from "./tasks.js";
import { type AuthoritySummary, authoritiesOf } from "./tenant-authority.js";
import type { TenantConfiguration } from "./tenant-settings.js";
import type { TenantSummary } from "./tenants.js";
import { localTraces, type TraceAdministration } from "./traces/trace-administration.js";

/** What a server that runs knows beyond its data directory. */
export interface ServerView {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly kmipPort: number;
  /** Null where KMIP is not served over HTTPS. */
  readonly httpsPort: number | null;
  readonly listeners: readonly ListenerStatus[];
  connections(): Promise<number>;
  /** The processes that serve KMIP; none where the server is one process. */
  processes(): Promise<readonly ProcessStatus[]>;
  parts(): Promise<readonly PartStatus[]>;
}

const defaultListingLimit = 100;

/** Administration on an open data directory, by one actor. */
export class LocalAdministration implements Administration {
  readonly firstContact: FirstContactAdministration;
  readonly traces: TraceAdministration;
  private readonly runtime: Runtime;
  private readonly actor: Actor;
  private readonly server: ServerView | null;

  /** `server` is null where none runs. */
  constructor(runtime: Runtime, actor: Actor, server: ServerView | null) {
    this.runtime = runtime;
    this.actor = actor;
    this.server = server;
    this.firstContact = localFirstContact(runtime, actor, (...what) => this.attempt(...what));
    this.traces = localTraces(runtime.traces, actor, server !== null, (...what) => this.attempt(...what));
  }

  async version(): Promise<VersionInformation> {
    return versionInformation();
  }

  async status(): Promise<ServerStatus> {
    const { configuration, database } = this.runtime;
    const parts = (await this.server?.parts()) ?? [];
    return {
      running: this.server !== null,
      ready: this.server !== null && parts.every(({ healthy }) => healthy),
      version: softwareVersion(),
      nodeId: configuration.server.nodeId,
      home: configuration.home,
      database: configuration.database.client,
      startedAt: this.server === null ? null : new Date(this.server.startedAt).toISOString(),
      kmipPort: this.server?.kmipPort ?? null,
      httpsPort: this.server?.httpsPort ?? null,
      listeners: this.server?.listeners ?? [],
      connections: (await this.server?.connections()) ?? 0,
      processes: (await this.server?.processes()) ?? [],
      tenants: (await database.read.tenants.list()).length,
      traces: this.runtime.traces.current,
      parts,
    };
  }

  async hsm(tenant?: string): Promise<HsmInformation> {
    const { configuration, partitions, root, tenants } = this.runtime;
    if (tenant === undefined) return hsmInformation("(server)", configuration.hsm.module, await root.information());
    const { id, name, module } = await tenants.find(tenant);
    return hsmInformation(name, module, await partitions.informationOf(id));
  }

  createTenant({ token, ...rest }: TenantRequest): Promise<TenantSummary> {
    const binding = token === undefined ? {} : { token: { ...token, pin: Buffer.from(token.pin) } };
    const request = { ...rest, ...binding };
    return this.attempt("Create Tenant", { tenant: rest.name }, () => this.runtime.tenants.create(this.actor, request));
  }

  listTenants(): Promise<readonly TenantSummary[]> {
    return this.runtime.tenants.list();
  }

  showTenant(name: string): Promise<TenantSummary> {
    return this.runtime.tenants.show(name);
  }

  async tenantAuthorities(name: string): Promise<readonly AuthoritySummary[]> {
    return authoritiesOf(this.runtime, await this.runtime.tenants.find(name));
  }

  configureTenant(name: string, configuration: TenantConfiguration): Promise<TenantSummary> {
    return this.attempt("Configure Tenant", { tenant: name }, () =>
      this.runtime.tenants.configure(this.actor, name, configuration),
    );
  }

  suspendTenant(name: string): Promise<TenantSummary> {
    return this.attempt("Suspend Tenant", { tenant: name }, () => this.runtime.tenants.suspend(this.actor, name));
  }

  resumeTenant(name: string): Promise<TenantSummary> {
    return this.attempt("Resume Tenant", { tenant: name }, () => this.runtime.tenants.resume(this.actor, name));
  }

  issueClient({ days, ...client }: ClientRequest): Promise<IssuedClient> {
    const request = { ...client, ...(days === undefined ? {} : { validityDays: days }) };
    return this.attempt("Issue Client", { tenant: client.tenant, client: client.name }, () =>
      this.runtime.clients.issue(this.actor, request),
    );
  }

  listClients(tenant?: string): Promise<readonly ClientSummary[]> {
    return this.runtime.clients.list(tenant);
  }

  changeClient(request: ClientChange): Promise<ClientSummary> {
    const subject = { tenant: request.tenant, client: request.name };
    return this.attempt("Change Client", subject, () => this.runtime.clients.change(this.actor, request));
  }

  setCredential(request: NewCredential): Promise<SetCredential> {
    return this.attempt("Set Credential", { tenant: request.tenant, client: request.client }, () =>
      this.runtime.credentials.set(this.actor, request),
    );
  }

  listCredentials(owner: CredentialOwner): Promise<readonly CredentialSummary[]> {
    return this.runtime.credentials.list(owner);
  }

  removeCredential(owner: CredentialOwner & { readonly username: string }): Promise<CredentialSummary> {
    return this.attempt("Remove Credential", { tenant: owner.tenant, client: owner.client }, () =>
      this.runtime.credentials.remove(this.actor, owner),
    );
  }

  revokeClient(client: ClientName): Promise<ClientSummary> {
    const subject = { tenant: client.tenant, client: client.name };
    return this.attempt("Revoke Client", subject, () => this.runtime.clients.revoke(this.actor, client));
  }

  addDestination(request: DestinationRequest): Promise<DestinationSummary> {
    const subject = { tenant: request.tenant, destination: request.name };
    return this.attempt("Add Destination", subject, () => this.runtime.destinations.add(this.actor, request));
  }

  listDestinations(tenant: string): Promise<readonly DestinationSummary[]> {
    return this.runtime.destinations.list(tenant);
  }

  removeDestination(destination: ClientName): Promise<DestinationSummary> {
    const subject = { tenant: destination.tenant, destination: destination.name };
    return this.attempt("Remove Destination", subject, () => this.runtime.destinations.remove(this.actor, destination));
  }

  put(order: PutOrder): Promise<DestinationSummary> {
    const subject = { tenant: order.tenant, destination: order.destination, object: order.object };
    return this.attempt("Order Put", subject, () => this.runtime.destinations.put(this.actor, order));
  }

  keyEncryptionKeys(tenant: string): Promise<readonly KeyEncryptionKeySummary[]> {
    return this.runtime.tasks.keyEncryptionKeys(tenant);
  }

  rotateKeyEncryptionKey({ tenant, ...order }: KeyRotation): Promise<TaskSummary> {
    const { tasks } = this.runtime;
    return this.attempt(taskOperations["rotate-kek"], { tenant }, () => tasks.rotate(this.actor, tenant, order));
  }

  migrateKeys(request: MigrationRequest): Promise<TaskSummary> {
    const { tenant } = request;
    return this.attempt(taskOperations["migrate-keys"], { tenant }, () =>
      this.runtime.tasks.migrate(this.actor, request),
    );
  }

  scanIntegrity({ tenant, ...order }: IntegrityScan): Promise<TaskSummary> {
    const { tasks } = this.runtime;
    return this.attempt(taskOperations["scan-integrity"], { tenant }, () => tasks.scan(this.actor, tenant, order));
  }

  listTasks({ tenant, limit = defaultListingLimit }: TaskListing): Promise<readonly TaskSummary[]> {
    return this.runtime.tasks.list(tenant, limit);
  }

  showTask(id: string): Promise<TaskReport> {
    return this.runtime.tasks.show(id);
  }

  cancelTask(id: string): Promise<TaskSummary> {
    return this.attempt("Cancel Task", { task: id }, () => this.runtime.tasks.cancel(this.actor, id));
  }

  async listAudit({ limit = defaultListingLimit, ...query }: AuditListing): Promise<readonly AuditEntry[]> {
    const { read } = this.runtime.database;
    const filter = await auditFilter(read, query, Date.now());
    const names = await tenantNames(read);
    return (await read.audit.list(filter, limit)).map((row) => auditEntry(row, names));
  }

  async *verifyAudit(tenant?: string): AsyncGenerator<ChainFinding> {
    const { database, root, configuration } = this.runtime;
    const { read } = database;
    const names = await tenantNames(read);
    const publicKey = await root.checkpointPublicKey();
    const options = {
      checkpointFile: configuration.audit.checkpointFile,
      verifySignature: signatureCheck(publicKey),
      ...(tenant === undefined ? {} : { tenantId: await chainOf(read, tenant) }),
    };
    for await (const report of verifyAudit(read, options)) {
      yield { tenant: chainName(report.tenantId, names), ...report };
    }
  }

  async *exportAudit(query: Pick<AuditQuery, "tenant" | "since" | "until">): AsyncGenerator<string> {
    const { read } = this.runtime.database;
    const { tenantId, fromMs, toMs } = await auditFilter(read, query, Date.now());
    yield* exportAudit(read, {
      tenantNames: await tenantNames(read),
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
    });
  }

  /** Makes a change, which audits itself; a refusal is audited here, in the server's chain. */
  private async attempt<T>(
    operation: string,
    subject: Readonly<Record<string, string>>,
    make: () => Promise<T>,
  ): Promise<T> {
    try {
      return await make();
    } catch (error) {
      const refusal = error instanceof AdministrationError ? error.code : "failed";
      const detail = Object.fromEntries(Object.entries(subject).map(([key, name]) => [key, name.slice(0, 100)]));
      const record = administrationRecord(this.actor, operation, { detail, refusal });
      await this.runtime.database.commit([change("audit", "append", record)]);
      throw error;
    }
  }
}

/** Checks signatures of checkpoints by the root partition's key; by any other key they count as forged. */
function signatureCheck(publicKey: Buffer): (data: Buffer, signature: Buffer, keyId: string) => Promise<boolean> {
  const own = createHash("sha256").update(publicKey).digest("hex");
  const key: KeyObject = publicKeyFromDer(publicKey);
  return async (data, signature, keyId) => keyId === own && verify("sha256", data, key, signature);
}
