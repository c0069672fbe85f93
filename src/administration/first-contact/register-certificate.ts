import { randomUUID } from "node:crypto";
import { certificateRow } from "#src/access/certificate-row.js";
import type { ProfileName } from "#src/access/client-profiles.js";
import { changedClientSettings, readClientSettings } from "#src/access/client-settings.js";
import type { Identities } from "#src/access/identities.js";
import type { Permission } from "#src/access/permissions.js";
import { type Change, change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { ClientRow, TenantRow } from "#storage/types.js";
import { type Actor, administrationRecord } from "../audit-record.js";
import { type ClientSummary, clientSummary } from "../client-summary.js";
import { AdministrationError, checkName } from "../errors.js";
import { findClient } from "../find-client.js";

/** A certificate that becomes one of a client. */
export interface Registration {
  readonly tenant: TenantRow;
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  /** As ClientCertificateRow has it. */
  readonly vouchedBy: string | null;
  /** Whether the client exists and gets one more certificate, or is to be made. */
  readonly existing: boolean;
  readonly permissions?: readonly Permission[];
  /** Its own client profile. */
  readonly profile?: ProfileName;
  /** Certificates of the client that are revoked in the same commit. */
  readonly revoke?: readonly string[];
  /** What the audit calls it. */
  readonly operation: string;
  readonly detail?: Readonly<Record<string, string>>;
  /** What is changed in the same commit. */
  readonly further?: readonly Change[];
}

/** What registering works with. */
export interface RegistrationOptions {
  readonly database: Database;
  readonly identities: Identities;
}

/** Registers a certificate, audited in the same commit, in effect in all processes when this resolves. Throws AdministrationError. */
export async function registerCertificate(
  { database, identities }: RegistrationOptions,
  actor: Actor,
  registration: Registration,
): Promise<ClientSummary> {
  const { tenant, existing, revoke = [], further = [] } = registration;
  checkName("client", registration.name);
  const client = existing ? await existingClient(database, registration) : await newClient(database, registration);
  const { permissions, profile } = readClientSettings(client.settings);
  const certificate = certificateRow(client, registration.certificate, registration.vouchedBy);
  const detail = {
    client: client.name,
    fingerprint: certificate.fingerprint,
    permissions: permissions.join(" "),
    ...(profile === undefined ? {} : { profile }),
    ...registration.detail,
  };
  const subject = { tenantId: tenant.id, partition: tenant.name, detail };
  try {
    await database.commit([
      ...(existing ? [] : [change("clients", "create", client)]),
      change("clients", "addCertificate", certificate),
      ...revoke.map((fingerprint) => change("clients", "setCertificateState", tenant.id, fingerprint, "revoked")),
      ...further,
      change("audit", "append", administrationRecord(actor, registration.operation, subject)),
    ]);
  } catch (error) {
    throw explained(error, registration);
  }
  await identities.changed();
  return clientSummary(client, tenant.name, await database.read.clients.certificates(tenant.id, client.id));
}

/** The name was used before. */
export function nameTaken(client: string, tenant: string): AdministrationError {
  return new AdministrationError(
    "exists",
    `tenant "${tenant}" has, or had, a client "${client}"; names are not used twice, choose another`,
  );
}

/** A client of a tenant that is not revoked. Throws AdministrationError. */
export async function activeClient(database: Database, tenant: TenantRow, name: string): Promise<ClientRow> {
  const client = await findClient(database, tenant, name);
  if (client.state === "active") return client;
  throw new AdministrationError("wrong-state", `client "${name}" is revoked`);
}

async function newClient({ read }: Database, { tenant, name, permissions, profile }: Registration): Promise<ClientRow> {
  if ((await read.clients.byName(tenant.id, name)) !== null) throw nameTaken(name, tenant.name);
  const settings = { ...(permissions && { permissions }), ...(profile && { profile }) };
  return {
    id: randomUUID(),
    tenantId: tenant.id,
    name,
    state: "active",
    createdAt: Date.now(),
    revokedAt: null,
    settings: changedClientSettings("{}", settings),
  };
}

async function existingClient(
  database: Database,
  { tenant, name, permissions, profile }: Registration,
): Promise<ClientRow> {
  const client = await activeClient(database, tenant, name);
  if (permissions !== undefined || profile !== undefined) {
    throw new AdministrationError(
      "invalid",
      "the client exists and keeps permissions and profile: keyreeve client change",
    );
  }
  return client;
}

function explained(error: unknown, { name, tenant }: Registration): unknown {
  if (!(error instanceof StorageError)) return error;
  if (error.constraint === "clients.name") return nameTaken(name, tenant.name);
  if (error.constraint === "client_certificates.fingerprint") {
    return new AdministrationError(
      "exists",
      "the certificate belongs to a client already, or did: it is not used twice",
    );
  }
  return error;
}
