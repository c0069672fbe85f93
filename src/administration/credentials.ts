import { randomBytes } from "node:crypto";
import { type CredentialSecrets, secretsOf } from "#src/access/credential-secrets.js";
import { secretsContext } from "#src/access/credentials.js";
import { type DeviceName, deviceUsername } from "#src/access/device.js";
import type { Identities } from "#src/access/identities.js";
import { hashPassword } from "#src/access/passwords.js";
import type { RootPartition } from "#src/crypto/port.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { ClientCredentialRow, ClientRow, TenantRow } from "#storage/types.js";
import { type Actor, administrationRecord } from "./audit-record.js";
import { base32 } from "./base32.js";
import { AdministrationError } from "./errors.js";
import { findClient } from "./find-client.js";
import type { Tenants } from "./tenants.js";

/** Whose credential it is. */
export interface CredentialOwner {
  readonly tenant: string;
  /** Name of the client. */
  readonly client: string;
}

/** A KMIP Credential for a client: a username or a device, with its password. */
export interface NewCredential extends CredentialOwner {
  readonly username?: string;
  readonly device?: DeviceName;
  readonly password: string;
  /** The client also has to show a one-time password (RFC 6238) with each request. */
  readonly oneTimePassword?: boolean;
}

/** A credential as operators see it. */
export interface CredentialSummary {
  readonly tenant: string;
  readonly client: string;
  /** The username, or what a device goes by here. */
  readonly username: string;
  readonly kind: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A credential that was set. */
export interface SetCredential extends CredentialSummary {
  /** The key of the one-time passwords, to be given to the client once; null where there is none. */
  readonly oneTimeUri: string | null;
}

/** What the administration of credentials works with. */
export interface CredentialAdministrationOptions {
  readonly database: Database;
  readonly tenants: Tenants;
  readonly identities: Identities;
  readonly root: RootPartition;
}

const longestName = 255;
const shortestPassword = 8;
const longestPassword = 255;
const oneTimeKeyBytes = 20;

/** Sets, lists and removes the KMIP Credentials of clients. Every change is audited in the same transaction. */
export class CredentialAdministration {
  private readonly options: CredentialAdministrationOptions;

  constructor(options: CredentialAdministrationOptions) {
    this.options = options;
  }

  /** Sets a credential, in the place of one of the same name. Throws AdministrationError. */
  async set(actor: Actor, request: NewCredential): Promise<SetCredential> {
    const { username, kind } = nameOf(request);
    if (request.password.length < shortestPassword || request.password.length > longestPassword) {
      throw new AdministrationError("invalid", `a password has ${shortestPassword} to ${longestPassword} characters`);
    }
    const { tenant, client } = await this.find(request);
    const oneTimeKey = kind === "one-time-password" ? randomBytes(oneTimeKeyBytes) : undefined;
    const row: ClientCredentialRow = {
      clientId: client.id,
      tenantId: tenant.id,
      username,
      passwordHash: await hashPassword(request.password),
      createdAt: Date.now(),
      kind,
      sealedSecrets: await this.seal(tenant.id, username, secretsOf(username, request.password, oneTimeKey)),
      lastUsed: null,
    };
    const present = await this.options.database.read.clients.credential(tenant.id, username);
    if (present !== null && present.clientId !== client.id) throw taken(username);
    await this.commit(username, [
      change("clients", "removeCredential", tenant.id, username),
      change("clients", "addCredential", row),
      change("audit", "append", record(actor, "Set Credential", tenant, client, row)),
    ]);
    const oneTimeUri = oneTimeKey === undefined ? null : uriOf(tenant.name, username, oneTimeKey);
    return { ...summary(tenant, client, row), oneTimeUri };
  }

  /** The credentials of a client. Throws AdministrationError. */
  async list(owner: CredentialOwner): Promise<readonly CredentialSummary[]> {
    const { tenant, client } = await this.find(owner);
    const rows = await this.options.database.read.clients.credentials(tenant.id, client.id);
    return rows.map((row) => summary(tenant, client, row));
  }

  /** Removes a credential by the name it is listed under. Throws AdministrationError. */
  async remove(actor: Actor, owner: CredentialOwner & { readonly username: string }): Promise<CredentialSummary> {
    const { tenant, client } = await this.find(owner);
    const row = await this.options.database.read.clients.credential(tenant.id, owner.username);
    if (row === null || row.clientId !== client.id) {
      throw new AdministrationError("not-found", `client "${client.name}" has no credential "${owner.username}"`);
    }
    await this.commit(owner.username, [
      change("clients", "removeCredential", tenant.id, owner.username),
      change("audit", "append", record(actor, "Remove Credential", tenant, client, row)),
    ]);
    return summary(tenant, client, row);
  }

  private async find({
    tenant: name,
    client: clientName,
  }: CredentialOwner): Promise<{ tenant: TenantRow; client: ClientRow }> {
    const tenant = await this.options.tenants.find(name);
    return { tenant, client: await findClient(this.options.database, tenant, clientName) };
  }

  private async seal(tenantId: string, username: string, secrets: CredentialSecrets): Promise<Buffer> {
    const plain = Buffer.from(JSON.stringify(secrets));
    const sealed = await this.options.root.seal(plain, secretsContext(tenantId, username));
    plain.fill(0);
    return sealed;
  }

  private async commit(username: string, changes: Parameters<Database["commit"]>[0]): Promise<void> {
    try {
      await this.options.database.commit(changes);
    } catch (error) {
      if (error instanceof StorageError && error.constraint === "client_credentials.username") throw taken(username);
      throw error;
    }
    await this.options.identities.changed();
  }
}

function nameOf({ username, device, oneTimePassword }: NewCredential): { username: string; kind: string } {
  if ((username === undefined) === (device === undefined)) {
    throw new AdministrationError("invalid", "a credential is of a username or of a device");
  }
  if (device !== undefined) {
    if (Object.keys(device).length === 0)
      throw new AdministrationError("invalid", "a device is known by one field at least");
    if (oneTimePassword === true) throw new AdministrationError("invalid", "devices have no one-time passwords");
    return { username: deviceUsername(device), kind: "device" };
  }
  if (username === undefined || username === "" || username.length > longestName || username.startsWith("device:")) {
    throw new AdministrationError(
      "invalid",
      `a username has 1 to ${longestName} characters and does not begin with "device:"`,
    );
  }
  return { username, kind: oneTimePassword === true ? "one-time-password" : "password" };
}

function taken(username: string): AdministrationError {
  return new AdministrationError("exists", `another client of the tenant has the credential "${username}"`);
}

function record(
  actor: Actor,
  operation: string,
  tenant: TenantRow,
  client: ClientRow,
  { username, kind }: ClientCredentialRow,
): ReturnType<typeof administrationRecord> {
  const detail = { client: client.name, username, kind: kind ?? "password" };
  return administrationRecord(actor, operation, { tenantId: tenant.id, partition: tenant.name, detail });
}

function summary(tenant: TenantRow, client: ClientRow, row: ClientCredentialRow): CredentialSummary {
  return {
    tenant: tenant.name,
    client: client.name,
    username: row.username,
    kind: row.kind ?? "password",
    createdAt: new Date(row.createdAt).toISOString(),
  };
}

/** The key as authenticators take it (Key URI Format). */
function uriOf(tenant: string, username: string, key: Buffer): string {
  const label = `Keyreeve%20${encodeURIComponent(tenant)}:${encodeURIComponent(username)}`;
  return `otpauth://totp/${label}?secret=${base32(key)}&issuer=Keyreeve`;
}
