import type { Custody } from "#src/objects/custody.js";
import type { ClientCertificateRow, RegisteredClient } from "#storage/types.js";
import { type Behaviour, behaviourOf, type ProfileName } from "./client-profiles.js";
import { type AttestationDemand, readClientSettings } from "./client-settings.js";
import type { Permission } from "./permissions.js";
import { type Quota, unlimited } from "./quota.js";
import { type TenantSettings, tenantSettings } from "./tenant-settings.js";
import type { HeldTicket } from "./tickets.js";

/** What the listener that a request came by adds to it. */
export interface Entrance {
  /** The profile of clients that have none of their own. */
  readonly profile?: ProfileName;
  /** Name of the tenant whose clients alone are served there. */
  readonly tenant?: string;
}

/** Who is asking: a registered client of one tenant. */
export interface Caller {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly clientId: string;
  readonly clientName: string;
  /** SHA-256 of the certificate, 64 lower-case hex digits; null where a credential took its place. */
  readonly certificateFingerprint: string | null;
  /** Where the tenant's new keys live unless a request says otherwise. */
  readonly defaultCustody: Custody;
  /** What the client was registered for. */
  readonly permissions: ReadonlySet<Permission>;
  /** What it must prove of the machine it runs on; undefined where nothing. */
  readonly attestation: AttestationDemand | undefined;
  /** What its profile departs from the specification in. */
  readonly behaviour: Behaviour;
  /** What the tenant is set to. */
  readonly settings: TenantSettings;
  /** What the client may ask for at most. */
  readonly quota: Quota;
  /** The ticket that the request bears. */
  readonly ticket?: HeldTicket;
  /** The name that the credential of the request goes by. */
  readonly subject?: string;
}

/** A client that was found, by its certificate or, without one, by a credential. */
export interface FoundClient extends RegisteredClient {
  readonly certificate?: ClientCertificateRow;
  /** Why what vouches for the certificate does not do so now. */
  readonly notVouched?: string;
}

/** Callers of the registrations that are remembered: their settings are read once. */
const callers = new WeakMap<FoundClient, Map<ProfileName | undefined, Caller>>();

/** The caller a registration stands for, and the profile of the listener it came by, where that has one. */
export function callerOf(identity: FoundClient, listenerProfile?: ProfileName): Caller {
  const known = callers.get(identity);
  const before = known?.get(listenerProfile);
  if (before !== undefined) return before;
  const caller = newCaller(identity, listenerProfile);
  if (known === undefined) callers.set(identity, new Map([[listenerProfile, caller]]));
  else known.set(listenerProfile, caller);
  return caller;
}

function newCaller(identity: FoundClient, listener: ProfileName | undefined): Caller {
  const settings = readClientSettings(identity.client.settings);
  const ofTenant = tenantSettings(identity.settings);
  return {
    tenantId: identity.tenant.id,
    tenantName: identity.tenant.name,
    clientId: identity.client.id,
    clientName: identity.client.name,
    certificateFingerprint: identity.certificate?.fingerprint ?? null,
    defaultCustody: identity.tenant.custodyDefault,
    permissions: new Set(settings.permissions),
    attestation: settings.attestation,
    behaviour: behaviourOf({ client: settings.profile, listener, tenant: ofTenant.profile }),
    settings: ofTenant,
    quota: settings.quota ?? unlimited,
  };
}

/**
 * Why a client is not served, in words for the operator, or undefined where it is served. Asked on every request, so
 * that a revocation holds on connections that are open.
 */
export function refusalOf(
  found: FoundClient | null,
  nowMilliseconds: number,
  entrance: Entrance = {},
): string | undefined {
  if (found === null) return "the certificate is not registered with any tenant";
  const { certificate, client, tenant } = found;
  if (certificate !== undefined && certificate.state !== "active") return "the certificate is revoked";
  if (client.state !== "active") return "the client is revoked";
  if (tenant.state !== "active") return "the tenant is suspended";
  if (entrance.tenant !== undefined && tenant.name !== entrance.tenant) {
    return "this port serves the clients of another tenant";
  }
  if (certificate === undefined) return undefined;
  if (certificate.notAfter < nowMilliseconds) return "the certificate has expired";
  if (certificate.notBefore > nowMilliseconds) return "the certificate is not valid yet";
  return found.notVouched;
}
