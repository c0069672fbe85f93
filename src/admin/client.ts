import type { IncomingMessage } from "node:http";
import { Agent, request as send } from "node:https";
import { createInterface } from "node:readline";
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
  ServerStatus,
  TaskListing,
  TenantRequest,
  VersionInformation,
} from "#src/administration/administration.js";
import type { ClientChange } from "#src/administration/client-changes.js";
import type { ClientSummary } from "#src/administration/client-summary.js";
import type { IssuedClient } from "#src/administration/clients.js";
import type {
  CredentialOwner,
  CredentialSummary,
  NewCredential,
  SetCredential,
} from "#src/administration/credentials.js";
import type { DestinationRequest, DestinationSummary, PutOrder } from "#src/administration/destinations.js";
import { AdministrationError, administrationErrorCodes } from "#src/administration/errors.js";
import type { KeyEncryptionKeySummary, MigrationRequest, TaskReport, TaskSummary } from "#src/administration/tasks.js";
import type { AuthoritySummary } from "#src/administration/tenant-authority.js";
import type { TenantConfiguration } from "#src/administration/tenant-settings.js";
import type { TenantSummary } from "#src/administration/tenants.js";
import type { TraceAdministration } from "#src/administration/traces/trace-administration.js";
import type { AuditEntry } from "#src/audit/entry.js";
import { remoteFirstContact } from "./first-contact-client.js";
import { AdminRefusal, type ErrorAnswer } from "./refusal.js";

/** Where the admin port is and what an operator shows to it, PEM. */
export interface AdminClientOptions {
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  /** The authority of the server's certificate. */
  readonly authority: string;
}

/** The server did not answer, or broke off. */
export class AdminConnectionError extends Error {
  override readonly name = "AdminConnectionError";
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A server that says nothing for so long is given up. Making tenants and verifying long chains take their time. */
const silenceMilliseconds = 600_000;

/** Administration through the admin port of a running server. */
export class RemoteAdministration implements Administration {
  readonly firstContact = remoteFirstContact({
    get: (path, query) => this.get(path, query),
    post: (path, body) => this.post(path, body),
  });
  /** Traces of what clients send and receive. */
  readonly traces: TraceAdministration = {
    start: (request) => this.post("/v1/traces", request),
    stop: (id) => this.post(`/v1/traces/${part(id)}/stop`),
    list: () => this.get("/v1/traces"),
    read: (id) => this.textOf(`/v1/traces/${part(id)}/text`),
  };
  private readonly options: AdminClientOptions;
  private readonly agent: Agent;

  constructor(options: AdminClientOptions) {
    this.options = options;
    this.agent = new Agent({
      keepAlive: true,
      ca: options.authority,
      cert: options.certificate,
      key: options.key,
      minVersion: "TLSv1.2",
      // The authority is this installation's own, and gives certificates for servers to this server alone; the names
      // in them are those that KMIP clients use, which need not cover the address of the admin port.
      checkServerIdentity: () => undefined,
    });
  }

  /** Ends the connections. */
  close(): void {
    this.agent.destroy();
  }

  version(): Promise<VersionInformation> {
    return this.get("/v1/version");
  }

  status(): Promise<ServerStatus> {
    return this.get("/v1/status");
  }

  hsm(tenant?: string): Promise<HsmInformation> {
    return this.get("/v1/hsm", { tenant });
  }

  createTenant(request: TenantRequest): Promise<TenantSummary> {
    return this.post("/v1/tenants", request);
  }

  listTenants(): Promise<readonly TenantSummary[]> {
    return this.get("/v1/tenants");
  }

  showTenant(name: string): Promise<TenantSummary> {
    return this.get(`/v1/tenants/${part(name)}`);
  }

  tenantAuthorities(name: string): Promise<readonly AuthoritySummary[]> {
    return this.get(`/v1/tenants/${part(name)}/authorities`);
  }

  configureTenant(name: string, configuration: TenantConfiguration): Promise<TenantSummary> {
    return this.post(`/v1/tenants/${part(name)}/settings`, configuration);
  }

  suspendTenant(name: string): Promise<TenantSummary> {
    return this.post(`/v1/tenants/${part(name)}/suspend`);
  }

  resumeTenant(name: string): Promise<TenantSummary> {
    return this.post(`/v1/tenants/${part(name)}/resume`);
  }

  issueClient({ tenant, ...client }: ClientRequest): Promise<IssuedClient> {
    return this.post(`/v1/tenants/${part(tenant)}/clients`, client);
  }

  listClients(tenant?: string): Promise<readonly ClientSummary[]> {
    return this.get("/v1/clients", { tenant });
  }

  changeClient({ tenant, name, ...change }: ClientChange): Promise<ClientSummary> {
    return this.post(`/v1/tenants/${part(tenant)}/clients/${part(name)}/change`, change);
  }

  setCredential({ tenant, client, ...credential }: NewCredential): Promise<SetCredential> {
    return this.post(credentialPath({ tenant, client }), credential);
  }

  listCredentials(owner: CredentialOwner): Promise<readonly CredentialSummary[]> {
    return this.get(credentialPath(owner));
  }

  removeCredential({
    username,
    ...owner
  }: CredentialOwner & { readonly username: string }): Promise<CredentialSummary> {
    return this.post(`${credentialPath(owner)}/remove`, { username });
  }

  revokeClient({ tenant, name }: ClientName): Promise<ClientSummary> {
    return this.post(`/v1/tenants/${part(tenant)}/clients/${part(name)}/revoke`);
  }

  addDestination({ tenant, ...destination }: DestinationRequest): Promise<DestinationSummary> {
    return this.post(`/v1/tenants/${part(tenant)}/destinations`, destination);
  }

  listDestinations(tenant: string): Promise<readonly DestinationSummary[]> {
    return this.get(`/v1/tenants/${part(tenant)}/destinations`);
  }

  removeDestination({ tenant, name }: ClientName): Promise<DestinationSummary> {
    return this.post(`/v1/tenants/${part(tenant)}/destinations/${part(name)}/remove`);
  }

  put({ tenant, destination, ...order }: PutOrder): Promise<DestinationSummary> {
    return this.post(`/v1/tenants/${part(tenant)}/destinations/${part(destination)}/put`, order);
  }

  keyEncryptionKeys(tenant: string): Promise<readonly KeyEncryptionKeySummary[]> {
    return this.get(`/v1/tenants/${part(tenant)}/key-encryption-keys`);
  }

  rotateKeyEncryptionKey({ tenant, ...order }: KeyRotation): Promise<TaskSummary> {
    return this.post(`/v1/tenants/${part(tenant)}/rotate-kek`, order);
  }

  migrateKeys({ tenant, ...request }: MigrationRequest): Promise<TaskSummary> {
    return this.post(`/v1/tenants/${part(tenant)}/migrate-keys`, request);
  }

  scanIntegrity({ tenant, ...order }: IntegrityScan): Promise<TaskSummary> {
    return this.post(`/v1/tenants/${part(tenant)}/scan-integrity`, order);
  }

  listTasks(listing: TaskListing): Promise<readonly TaskSummary[]> {
    return this.get("/v1/tasks", { ...listing });
  }

  showTask(id: string): Promise<TaskReport> {
    return this.get(`/v1/tasks/${part(id)}`);
  }

  cancelTask(id: string): Promise<TaskSummary> {
    return this.post(`/v1/tasks/${part(id)}/cancel`);
  }

  listAudit(listing: AuditListing): Promise<readonly AuditEntry[]> {
    return this.get("/v1/audit", { ...listing });
  }

  async *verifyAudit(tenant?: string): AsyncGenerator<ChainFinding> {
    const answer = await this.call("POST", "/v1/audit/verify", { tenant });
    for await (const line of linesOf(answer)) yield JSON.parse(line) as ChainFinding;
  }

  async *exportAudit(query: Pick<AuditQuery, "tenant" | "since" | "until">): AsyncGenerator<string> {
    const answer = await this.call("GET", "/v1/audit/export", { ...query });
    for await (const line of linesOf(answer)) yield `${line}\n`;
  }

  private async *textOf(path: string): AsyncGenerator<string> {
    const answer = await this.call("GET", path, {});
    answer.setEncoding("utf8");
    for await (const piece of answer) yield String(piece);
  }

  private async get<T>(path: string, query: Query = {}): Promise<T> {
    return json(await this.call("GET", path, query));
  }

  private async post<T>(path: string, body?: object): Promise<T> {
    return json(await this.call("POST", path, {}, body));
  }

  /** Gives the head of an answer that is good. Throws what the server refused with, as it would be thrown there. */
  private async call(method: string, path: string, query: Query, body?: object): Promise<IncomingMessage> {
    const answer = await this.exchange(method, `${path}${queryText(query)}`, body);
    const { statusCode = 0 } = answer;
    if (statusCode >= 200 && statusCode < 300) return answer;
    const { code, message } = await json<ErrorAnswer>(answer);
    const known = administrationErrorCodes.find((known) => known === code);
    throw known === undefined ? new AdminRefusal(statusCode, code, message) : new AdministrationError(known, message);
  }

  private exchange(method: string, path: string, body: object | undefined): Promise<IncomingMessage> {
    const { host, port } = this.options;
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = content === undefined ? {} : { "content-type": "application/json" };
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        const message = `the admin port at ${host}:${port} does not answer: ${error.message}`;
        reject(new AdminConnectionError(message, { cause: error }));
      };
      const sent = send({ method, host, port, path, headers, agent: this.agent }, resolve);
      sent.on("error", failed);
      sent.setTimeout(silenceMilliseconds, () => sent.destroy(new Error("no answer in time")));
      sent.end(content);
    });
  }
}

/** A name as a part of a path. */
function part(name: string): string {
  return encodeURIComponent(name);
}

function credentialPath({ tenant, client }: CredentialOwner): string {
  return `/v1/tenants/${part(tenant)}/clients/${part(client)}/credentials`;
}

function queryText(query: Query): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) given.set(key, String(value));
  return given.size === 0 ? "" : `?${given}`;
}

async function json<T>(answer: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as T;
}

/** The lines of a streamed answer. Throws AdminConnectionError where it breaks off. */
async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  let error: Error | undefined;
  answer.on("error", (reason) => {
    error = reason;
  });
  for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== "") yield line;
  }
  if (error !== undefined || !answer.complete) {
    throw new AdminConnectionError("the server broke off its answer; its log says why", { cause: error });
  }
}
