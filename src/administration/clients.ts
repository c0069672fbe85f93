import { join } from "node:path";
import type { CertificateAuthority } from "#certs/authority.js";
import { issueClientCertificate } from "#certs/certificates.js";
import { defaultClientDays } from "#src/access/client-certificates.js";
import type { ProfileName } from "#src/access/client-profiles.js";
import type { Identities } from "#src/access/identities.js";
import type { Permission } from "#src/access/permissions.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { type Actor, administrationRecord } from "./audit-record.js";
import { type ClientChange, changeClient } from "./client-changes.js";
import { type CertificateWishes, checkPasswords, clientFiles, writeClientFiles } from "./client-files.js";
import { type ClientSummary, clientSummary } from "./client-summary.js";
import { AdministrationError, checkName } from "./errors.js";
import { readIfPresent, writeDurably } from "./files.js";
import { findClient } from "./find-client.js";
import { extrasOf, OwnCertificates, refusedInWords } from "./first-contact/own-certificates.js";
import { nameTaken, registerCertificate } from "./first-contact/register-certificate.js";
import { homeLayout } from "./layout.js";
import { pykmipConfiguration } from "./pykmip-configuration.js";
import type { Tenants } from "./tenants.js";

/** A client that was issued, and the folder its files stand in. */
export interface IssuedClient extends ClientSummary {
  readonly folder: string;
}

/** What the clients' administration works with. */
export interface ClientsOptions {
  readonly database: Database;
  readonly tenants: Tenants;
  readonly identities: Identities;
  readonly authority: CertificateAuthority;
  readonly home: string;
  /** Where clients reach the server, for the configurations written for them. */
  readonly address: { readonly host: string; readonly port: number };
}

/** Issues, lists and revokes clients. Every change is audited in the same transaction. */
export class Clients {
  /** Certificates over clients' own keys, and further ones. */
  readonly certificates: OwnCertificates;
  private readonly options: ClientsOptions;
  private port: number;

  constructor(options: ClientsOptions) {
    this.options = options;
    this.port = options.address.port;
    this.certificates = new OwnCertificates(options, () => this.port);
  }

  /**
   * Tells the port clients reach the server at, which is known for sure only when it listens. Configurations written
   * for an earlier port are written again; those that somebody has changed are left alone.
   */
  async reachableAt(port: number): Promise<void> {
    this.port = port;
    const { home, address, database } = this.options;
    if ((await database.read.serverState.get("kmipPort")) === String(port)) return;
    for (const { tenant, name } of await this.list()) {
      const folder = homeLayout(home).clientFolder(tenant, name);
      const file = join(folder, "pykmip.conf");
      const present = (await readIfPresent(file))?.toString("utf8");
      const written = pykmipConfiguration(folder, { host: address.host, port });
      const anyPort = (text: string) => text.replace(/^port=\d+$/m, "port=");
      if (present === undefined || present === written || anyPort(present) !== anyPort(written)) continue;
      await writeDurably(file, written);
    }
    await database.commit([change("serverState", "set", "kmipPort", String(port))]);
  }

  /**
   * Registers a client with a new certificate and writes its files. The files come first: a crash before the
   * registration leaves a certificate that nobody is registered by and that is refused. Throws AdministrationError.
   */
  async issue(
    actor: Actor,
    request: {
      readonly tenant: string;
      readonly name: string;
      readonly validityDays?: number;
      readonly permissions?: readonly Permission[];
      readonly profile?: ProfileName;
    } & CertificateWishes,
  ): Promise<IssuedClient> {
    checkName("client", request.name);
    checkPasswords(request);
    const tenant = await this.options.tenants.find(request.tenant);
    if ((await this.options.database.read.clients.byName(tenant.id, request.name)) !== null) {
      throw nameTaken(request.name, tenant.name);
    }
    const issued = await refusedInWords(() =>
      issueClientCertificate({
        ca: this.options.authority,
        commonName: request.name,
        organization: tenant.name,
        validityDays: request.validityDays ?? defaultClientDays,
        ...extrasOf(request),
      }),
    );
    const folder = await this.writeFiles(tenant.name, request.name, issued, request);
    const { permissions, profile } = request;
    const client = await registerCertificate(this.options, actor, {
      tenant,
      name: request.name,
      certificate: issued.certificatePem,
      vouchedBy: null,
      existing: false,
      ...(permissions === undefined ? {} : { permissions }),
      ...(profile === undefined ? {} : { profile }),
      operation: "Issue Client",
    });
    return { ...client, folder };
  }

  /** The clients of one tenant, or of all. Throws AdministrationError `not-found`. */
  async list(tenantName?: string): Promise<readonly ClientSummary[]> {
    const { database, tenants } = this.options;
    const chosen = tenantName === undefined ? await database.read.tenants.list() : [await tenants.find(tenantName)];
    const found: ClientSummary[] = [];
    for (const tenant of chosen) {
      for (const client of await database.read.clients.list(tenant.id)) {
        found.push(clientSummary(client, tenant.name, await database.read.clients.certificates(tenant.id, client.id)));
      }
    }
    return found;
  }

  /** Changes what a client may do and must prove. Throws AdministrationError. */
  change(actor: Actor, request: ClientChange): Promise<ClientSummary> {
    return changeClient(this.options, actor, request);
  }

  /** Refuses a client and all its certificates from now on, on open connections too. Throws AdministrationError. */
  async revoke(actor: Actor, request: { readonly tenant: string; readonly name: string }): Promise<ClientSummary> {
    const tenant = await this.options.tenants.find(request.tenant);
    const client = await findClient(this.options.database, tenant, request.name);
    if (client.state === "revoked") {
      throw new AdministrationError("wrong-state", `client "${client.name}" is revoked already`);
    }
    const certificates = await this.options.database.read.clients.certificates(tenant.id, client.id);
    const changes = { state: "revoked", revokedAt: Date.now() } as const;
    const record = administrationRecord(actor, "Revoke Client", {
      tenantId: tenant.id,
      partition: tenant.name,
      detail: { client: client.name },
    });
    await this.options.database.commit([
      change("clients", "update", tenant.id, client.id, changes),
      ...certificates.map(({ fingerprint }) =>
        change("clients", "setCertificateState", tenant.id, fingerprint, "revoked"),
      ),
      change("audit", "append", record),
    ]);
    await this.options.identities.changed();
    const revoked = certificates.map((certificate) => ({ ...certificate, state: "revoked" as const }));
    return clientSummary({ ...client, ...changes }, tenant.name, revoked);
  }

  private async writeFiles(
    tenant: string,
    name: string,
    issued: { readonly certificatePem: string; readonly privateKeyPem: string },
    wishes: CertificateWishes,
  ): Promise<string> {
    const folder = homeLayout(this.options.home).clientFolder(tenant, name);
    const address = { ...this.options.address, port: this.port };
    const content = { ...issued, authorityPem: this.options.authority.certificatePem, folder, address };
    await writeClientFiles(folder, await clientFiles(content, wishes));
    return folder;
  }
}
