import { publicKeyFromPem } from "#certs/key-reading.js";
import type { ProfileName } from "#src/access/client-profiles.js";
import {
  type AttestationDemand,
  type ClientSettings,
  changedClientSettings,
  readClientSettings,
} from "#src/access/client-settings.js";
import type { Identities } from "#src/access/identities.js";
import { changedQuota } from "#src/access/kept-quota.js";
import type { Permission } from "#src/access/permissions.js";
import { isUnlimited, type Quota, type QuotaChange, quotaInWords, unlimited } from "#src/access/quota.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import type { ClientRow, TenantRow } from "#storage/types.js";
import { type Actor, administrationRecord } from "./audit-record.js";
import { type ClientSummary, clientSummary } from "./client-summary.js";
import { AdministrationError } from "./errors.js";
import { findClient } from "./find-client.js";
import type { Tenants } from "./tenants.js";

/** What is to be different about a client; what is absent stays. */
export interface ClientChange {
  readonly tenant: string;
  readonly name: string;
  /** Everything the client may do from now on. */
  readonly permissions?: readonly Permission[];
  /** What it must prove of its machine from now on; null where nothing any more. */
  readonly attestation?: AttestationDemand | null;
  /** Its own profile from now on; null where it has none any more. */
  readonly profile?: ProfileName | null;
  /** What it may ask for at most; bounds that are absent stay, null takes one away. */
  readonly quota?: QuotaChange;
}

/** Changes what a client may do and must prove, from its next request on. Throws AdministrationError. */
export async function changeClient(
  options: { readonly database: Database; readonly tenants: Tenants; readonly identities: Identities },
  actor: Actor,
  request: ClientChange,
): Promise<ClientSummary> {
  const tenant = await options.tenants.find(request.tenant);
  const client = await findClient(options.database, tenant, request.name);
  const quota = request.quota && changedQuota(readClientSettings(client.settings).quota ?? unlimited, request.quota);
  const settings = changedClientSettings(client.settings, changesOf(request, quota));
  const changed = { ...client, settings };
  await options.database.commit([
    change("clients", "update", tenant.id, client.id, { settings }),
    change("audit", "append", recordOf(actor, tenant, changed, request, quota)),
  ]);
  await options.identities.changed();
  return clientSummary(changed, tenant.name, await options.database.read.clients.certificates(tenant.id, client.id));
}

function changesOf(
  { permissions, attestation, profile }: ClientChange,
  quota: Quota | undefined,
): Partial<Record<keyof ClientSettings, unknown>> {
  if (attestation !== null && attestation !== undefined) checkKey(attestation.publicKey);
  return {
    ...(permissions === undefined ? {} : { permissions }),
    ...(attestation === undefined ? {} : { attestation: attestation ?? undefined }),
    ...(profile === undefined ? {} : { profile: profile ?? undefined }),
    ...(quota === undefined ? {} : { quota: isUnlimited(quota) ? undefined : quota }),
  };
}

function checkKey(pem: string): void {
  if (["rsa", "ec"].includes(keyTypeOf(pem) ?? "")) return;
  throw new AdministrationError("invalid", "the attestation key must be an RSA or EC public key in PEM");
}

function keyTypeOf(pem: string): string | undefined {
  try {
    return publicKeyFromPem(pem).asymmetricKeyType;
  } catch {
    // Not a key at all: the caller says so.
    return undefined;
  }
}

function recordOf(actor: Actor, tenant: TenantRow, client: ClientRow, request: ClientChange, quota: Quota | undefined) {
  const { permissions, attestation, profile } = request;
  const detail = {
    client: client.name,
    ...(permissions === undefined ? {} : { permissions: permissions.join(" ") }),
    ...(attestation === undefined ? {} : { attestation: attestation === null ? "not demanded" : "demanded" }),
    ...(profile === undefined ? {} : { profile: profile ?? "none" }),
    ...(quota === undefined ? {} : { quota: quotaInWords(quota) }),
  };
  return administrationRecord(actor, "Change Client", { tenantId: tenant.id, partition: tenant.name, detail });
}
