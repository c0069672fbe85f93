import type { ProfileName } from "#src/access/client-profiles.js";
import type { Permission } from "#src/access/permissions.js";
import type { AuditEntry } from "#src/audit/entry.js";
import type { ChainFault } from "#storage/audit-chain.js";
import type { StoredCustody } from "#storage/types.js";
import type { ClientChange } from "./client-changes.js";
import type { CertificateWishes } from "./client-files.js";
import type { ClientSummary } from "./client-summary.js";
import type { IssuedClient } from "./clients.js";
import type { CredentialOwner, CredentialSummary, NewCredential, SetCredential } from "./credentials.js";
import type { DestinationRequest, DestinationSummary, PutOrder } from "./destinations.js";
import type { FirstContactAdministration } from "./first-contact/administration.js";
import type { KeyEncryptionKeySummary, MigrationRequest, TaskReport, TaskSummary } from "./tasks.js";
import type { AuthoritySummary } from "./tenant-authority.js";
import type { TenantConfiguration } from "./tenant-settings.js";
import type { TenantSummary } from "./tenants.js";
import type { TraceSummary } from "./traces/trace.js";
import type { TraceAdministration } from "./traces/trace-administration.js";

/** A tenant to be made, as operators ask for it. */
export interface TenantRequest extends TenantConfiguration {
  readonly name: string;
  /** `wrapped` or `token`; the server's default where absent. */
  readonly custody?: Exclude<StoredCustody, "software">;
  /** A token that exists already, to bind the tenant to. Without it a SoftHSM token is made. */
  readonly token?: {
    /** Path of the PKCS#11 module on the server; the configured one where absent. */
    readonly module?: string;
    readonly label: string;
    /** Serial number; needed only where several tokens have that label. */
    readonly serial?: string;
    /** Text that the module is initialised with (NSS); none where absent. */
    readonly moduleParameters?: string;
    /** The user PIN. It is sealed, and never shown again. */
    readonly pin: string;
  };
}

/** A client to be issued. */
export interface ClientRequest extends CertificateWishes {
  readonly tenant: string;
  readonly name: string;
  /** Days the certificate is valid; 825 where absent. */
  readonly days?: number;
  /** What it may do; everything but `administer` where absent. */
  readonly permissions?: readonly Permission[];
  /** Its own client profile; that of its listener or tenant where absent. */
  readonly profile?: ProfileName;
}

/** One client of one tenant. */
export interface ClientName {
  readonly tenant: string;
  readonly name: string;
}

/** Which rows of the audit trail; what is absent does not restrict. */
export interface AuditQuery {
  /** Name of the tenant, or `server` for what belongs to none. */
  readonly tenant?: string;
  readonly operation?: string;
  /** Unique Identifier of a managed object. */
  readonly object?: string;
  /** Name or identifier of a client. */
  readonly client?: string;
  /** `success`, `failure`, `undone`, or `intent` for what had begun. */
  readonly outcome?: string;
  /** True for events of which an operator must hear, and nothing else. */
  readonly events?: boolean;
  /** ISO 8601, or how long ago: `30m`, `12h`, `7d`. */
  readonly since?: string;
  readonly until?: string;
}

/** A rotation of a tenant's key-encryption key. */
export interface KeyRotation {
  readonly tenant: string;
  /** Whether old versions are removed from the token once nothing rests under them. */
  readonly removeOld: boolean;
}

/** A check of all that is stored for a tenant. */
export interface IntegrityScan {
  readonly tenant: string;
  /** Whether every wrapped key is opened, instead of some of them. */
  readonly deep: boolean;
  /** Whether what can be mended without guessing is mended; not, where absent. */
  readonly repair?: boolean;
}

/** A listing of long tasks. */
export interface TaskListing {
  readonly tenant?: string;
  /** Most tasks; 100 where absent. */
  readonly limit?: number;
}

/** A listing of the audit trail, newest first. */
export interface AuditListing extends AuditQuery {
  /** Most rows; 100 where absent. */
  readonly limit?: number;
}

/** What the verification of one chain of the audit trail found. */
export interface ChainFinding {
  /** Name of the tenant; `server` for the chain of the server itself. */
  readonly tenant: string;
  readonly tenantId: string;
  readonly nodeId: string;
  /** Rows that are whole, from the first on. */
  readonly rows: number;
  /** Signed checkpoints the rows agree with. */
  readonly checkpoints: number;
  /** The first bad row; null where the chain is whole. */
  readonly fault: ChainFault | null;
}

/** A mechanism of a token. */
export interface MechanismSummary {
  /** As PKCS#11 names it: `CKM_AES_GCM`. */
  readonly name: string;
  readonly minimumKeySize: number;
  readonly maximumKeySize: number;
  /** What it does: `encrypt`, `sign` and the like. */
  readonly flags: readonly string[];
}

/** A PKCS#11 module and one token in it. */
export interface HsmInformation {
  /** Whose partition it is: a tenant's name, or `(server)` for the server's own. */
  readonly partition: string;
  readonly module: string;
  readonly moduleDescription: string;
  readonly manufacturer: string;
  readonly libraryVersion: string;
  readonly cryptokiVersion: string;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  readonly tokenModel: string;
  /** The capability profile by which the module is used; `standard` where there is none for it. */
  readonly profile: string;
  readonly mechanisms: readonly MechanismSummary[];
}

/** One part of the server and whether it is well. */
export interface PartStatus {
  readonly name: string;
  readonly healthy: boolean;
  /** Why it is not well; null where it is. */
  readonly reason: string | null;
}

/** How one of several processes is doing that serve KMIP. */
export interface ProcessStatus {
  /** From 1 on; the process appears in the audit trail as `NODE/NUMBER`. */
  readonly number: number;
  /** Of the operating system; null where it is being started. */
  readonly processId: number | null;
  readonly connections: number;
  /** How often it was started again. */
  readonly restarts: number;
  /** Why it does not serve, or not well; null where it does. */
  readonly reason: string | null;
}

/** A further listener of KMIP over TLS. */
export interface ListenerStatus {
  readonly name: string;
  readonly port: number;
  /** Its TLS profile: `legacy` takes what is refused elsewhere. */
  readonly tls: string;
  readonly clientCertificate: string;
  /** The profile of clients that have none of their own. */
  readonly profile: string | null;
  /** The tenant whose clients alone are served there; null for those of all. */
  readonly tenant: string | null;
}

/** How the server is doing. */
export interface ServerStatus {
  /** Whether a server runs on the data directory. */
  readonly running: boolean;
  /** Whether it can serve now; false where none runs. */
  readonly ready: boolean;
  readonly version: string;
  readonly nodeId: string;
  readonly home: string;
  readonly database: string;
  /** ISO 8601; null where no server runs. */
  readonly startedAt: string | null;
  /** Port in use; null where no server runs. */
  readonly kmipPort: number | null;
  /** Port of KMIP over HTTPS; null where no server runs or it is turned off. */
  readonly httpsPort: number | null;
  /** Further listeners of KMIP over TLS; none where no server runs. */
  readonly listeners: readonly ListenerStatus[];
  readonly connections: number;
  /** The processes that serve KMIP; none where the server is one process. */
  readonly processes: readonly ProcessStatus[];
  readonly tenants: number;
  /** Traces that run. */
  readonly traces: readonly TraceSummary[];
  readonly parts: readonly PartStatus[];
}

/** Which software this is. */
export interface VersionInformation {
  readonly version: string;
  readonly node: string;
  /** The versions of KMIP that are spoken, oldest first. */
  readonly kmip: readonly string[];
}

/**
 * Everything an operator does, the same through the admin port and on a data directory without a server. Rejects with
 * AdministrationError where a request cannot be done; every change, done or refused, is audited.
 */
export interface Administration {
  /** Traces of what clients send and receive. */
  readonly traces: TraceAdministration;
  version(): Promise<VersionInformation>;
  status(): Promise<ServerStatus>;
  /** The server's own partition, or that of a tenant. */
  hsm(tenant?: string): Promise<HsmInformation>;
  createTenant(request: TenantRequest): Promise<TenantSummary>;
  listTenants(): Promise<readonly TenantSummary[]>;
  showTenant(name: string): Promise<TenantSummary>;
  /** The generations of the tenant's certification authority, newest first. Rejects before the first Certify. */
  tenantAuthorities(name: string): Promise<readonly AuthoritySummary[]>;
  configureTenant(name: string, configuration: TenantConfiguration): Promise<TenantSummary>;
  suspendTenant(name: string): Promise<TenantSummary>;
  resumeTenant(name: string): Promise<TenantSummary>;
  issueClient(request: ClientRequest): Promise<IssuedClient>;
  listClients(tenant?: string): Promise<readonly ClientSummary[]>;
  changeClient(change: ClientChange): Promise<ClientSummary>;
  revokeClient(client: ClientName): Promise<ClientSummary>;
  /** Clients that come with certificates of their own. */
  readonly firstContact: FirstContactAdministration;
  setCredential(request: NewCredential): Promise<SetCredential>;
  listCredentials(owner: CredentialOwner): Promise<readonly CredentialSummary[]>;
  removeCredential(owner: CredentialOwner & { readonly username: string }): Promise<CredentialSummary>;
  addDestination(request: DestinationRequest): Promise<DestinationSummary>;
  listDestinations(tenant: string): Promise<readonly DestinationSummary[]>;
  /** Gives it as it was. */
  removeDestination(destination: ClientName): Promise<DestinationSummary>;
  /** Has an object pushed to a destination. */
  put(order: PutOrder): Promise<DestinationSummary>;
  /** The versions of a tenant's key-encryption key, oldest first. */
  keyEncryptionKeys(tenant: string): Promise<readonly KeyEncryptionKeySummary[]>;
  /** Has the next version made and all keys wrapped anew by it, in the background. */
  rotateKeyEncryptionKey(rotation: KeyRotation): Promise<TaskSummary>;
  /** Has keys moved into another custody, in the background. */
  migrateKeys(request: MigrationRequest): Promise<TaskSummary>;
  /** Has all rows and keys of a tenant checked, in the background. */
  scanIntegrity(scan: IntegrityScan): Promise<TaskSummary>;
  /** The newest first. */
  listTasks(listing: TaskListing): Promise<readonly TaskSummary[]>;
  showTask(id: string): Promise<TaskReport>;
  /** Ends a task where it stands; what it has done stays done. */
  cancelTask(id: string): Promise<TaskSummary>;
  listAudit(listing: AuditListing): Promise<readonly AuditEntry[]>;
  /** Verifies chain by chain; of one tenant, or all. */
  verifyAudit(tenant?: string): AsyncIterable<ChainFinding>;
  /** Rows as JSON lines, chain by chain, each in its order. */
  exportAudit(query: Pick<AuditQuery, "tenant" | "since" | "until">): AsyncIterable<string>;
}
