import type { Custody } from "#src/objects/custody.js";
import type { ClientIdentity } from "#storage/types.js";
import { type AttestationDemand, readClientSettings } from "./client-settings.js";
import type { Permission } from "./permissions.js";

/** Who is asking: a registered client of one tenant. */
export interface Caller {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly clientId: string;
  readonly clientName: string;
  /** SHA-256 of the certificate, 64 lower-case hex digits. */
  readonly certificateFingerprint: string;
  /** Where the tenant's new keys live unless a request says otherwise. */
  readonly defaultCustody: Custody;
  /** What the client was registered for. */
  readonly permissions: ReadonlySet<Permission>;
  /** What it must prove of the machine it runs on; undefined where nothing. */
  readonly attestation: AttestationDemand | undefined;
}

/** Callers of the registrations that are remembered: their settings are read once. */
const callers = new WeakMap<ClientIdentity, Caller>();

/** The caller a registration stands for. */
export function callerOf(identity: ClientIdentity): Caller {
  const known = callers.get(identity);
  if (known !== undefined) return known;
  const caller = newCaller(identity);
  callers.set(identity, caller);
  return caller;
}

function newCaller(identity: ClientIdentity): Caller {
  const settings = readClientSettings(identity.client.settings);
  return {
    tenantId: identity.tenant.id,
    tenantName: identity.tenant.name,
    clientId: identity.client.id,
    clientName: identity.client.name,
    certificateFingerprint: identity.certificate.fingerprint,
    defaultCustody: identity.tenant.custodyDefault,
    permissions: new Set(settings.permissions),
    attestation: settings.attestation,
  };
}

/**
 * Why the bearer of a certificate is not served, in words for the operator, or undefined where it is served. Asked on
 * every request, so that a revocation holds on connections that are open.
 */
export function refusalOf(identity: ClientIdentity | null, nowMilliseconds: number): string | undefined {
  if (identity === null) return "the certificate is not registered with any tenant";
  if (identity.certificate.state !== "active") return "the certificate is revoked";
  if (identity.client.state !== "active") return "the client is revoked";
  if (identity.tenant.state !== "active") return "the tenant is suspended";
  if (identity.certificate.notAfter < nowMilliseconds) return "the certificate has expired";
  if (identity.certificate.notBefore > nowMilliseconds) return "the certificate is not valid yet";
  return undefined;
}
