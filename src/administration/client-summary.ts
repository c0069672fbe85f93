import { readClientSettings } from "#src/access/client-settings.js";
import type { Permission } from "#src/access/permissions.js";
import { type Quota, unlimited } from "#src/access/quota.js";
import type { ClientCertificateRow, ClientRow, ClientState } from "#storage/types.js";

/** A certificate of a client as operators see it. */
export interface CertificateSummary {
  readonly fingerprint: string;
  readonly subject: string;
  readonly state: string;
  /** ISO 8601. */
  readonly notAfter: string;
}

/** A client as operators see it. */
export interface ClientSummary {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly state: ClientState;
  readonly createdAt: string;
  /** What it may do. */
  readonly permissions: readonly Permission[];
  /** Whether it must prove what runs on its machine. */
  readonly attestationDemanded: boolean;
  /** Its own profile; null where that of its listener or tenant counts. */
  readonly profile: string | null;
  /** What it may ask for at most. */
  readonly quota: Quota;
  readonly certificates: readonly CertificateSummary[];
}

/** A client as operators see it. */
export function clientSummary(
  client: ClientRow,
  tenant: string,
  certificates: readonly ClientCertificateRow[],
): ClientSummary {
  const settings = readClientSettings(client.settings);
  return {
    id: client.id,
    name: client.name,
    tenant,
    state: client.state,
    createdAt: new Date(client.createdAt).toISOString(),
    permissions: settings.permissions,
    attestationDemanded: settings.attestation !== undefined,
    profile: settings.profile ?? null,
    quota: settings.quota ?? unlimited,
    certificates: certificates.map(({ fingerprint, subject, state, notAfter }) => ({
      fingerprint,
      subject,
      state,
      notAfter: new Date(notAfter).toISOString(),
    })),
  };
}
