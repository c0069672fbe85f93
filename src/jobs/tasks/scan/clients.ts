import { readClientSettings } from "#src/access/client-settings.js";
import type { AuditedRegistration } from "#storage/repositories/audit-standing.js";
import type { ClientCertificateRow, ClientRow } from "#storage/types.js";
import { reportDamage } from "./damage.js";
import type { ScanRun } from "./position.js";

/** What the audit trail says of the clients of a tenant. */
interface Registered {
  /** Fingerprints of all certificates that were registered. */
  readonly fingerprints: ReadonlySet<string>;
  /** By the name of the client. */
  readonly clients: ReadonlyMap<string, { readonly state: string; readonly permissions: string | null }>;
}

/**
 * Holds the registrations of clients against the audit trail, in which each stands with who made it: a client or a
 * certificate that nobody registered, one that was revoked and is active, and rights that nobody gave.
 */
export async function scanClients(run: ScanRun): Promise<void> {
  const { read } = run.surroundings.database;
  const clients = await read.clients.list(run.tenantId);
  const seen = await Promise.all(
    clients.map(async (client) => ({
      client,
      certificates: await read.clients.certificates(run.tenantId, client.id),
    })),
  );
  // The audit is read last: what was registered meanwhile stands in it.
  const registered = registeredBy(await read.auditStanding.registrations(run.tenantId));
  for (const { client, certificates } of seen) {
    for (const fault of faultsOf(registered, client, certificates)) {
      // A change under way is committed with its row of the audit: what still differs is no such change.
      const now = await read.clients.byId(run.tenantId, client.id);
      if (now !== null && now.settings === client.settings && now.state === client.state) {
        reportDamage(run, `client ${client.name}`, { reason: fault, remedy: "client" });
      }
    }
  }
}

function registeredBy(rows: readonly AuditedRegistration[]): Registered {
  const fingerprints = new Set<string>();
  const clients = new Map<string, { readonly state: string; readonly permissions: string | null }>();
  for (const { operation, detail } of rows) {
    const told = JSON.parse(detail ?? "{}") as Readonly<Record<string, unknown>>;
    const [name, fingerprint, permissions] = [told["client"], told["fingerprint"], told["permissions"]];
    if (typeof fingerprint === "string") fingerprints.add(fingerprint);
    if (typeof name !== "string") continue;
    const before = clients.get(name);
    clients.set(name, {
      state: operation === "Revoke Client" ? "revoked" : "active",
      permissions: typeof permissions === "string" ? permissions : (before?.permissions ?? null),
    });
  }
  return { fingerprints, clients };
}

function faultsOf(
  { fingerprints, clients }: Registered,
  client: ClientRow,
  certificates: readonly ClientCertificateRow[],
): readonly string[] {
  const known = clients.get(client.name);
  if (known === undefined) return ["the audit trail does not know that it was ever registered"];
  const faults: string[] = [];
  if (known.state === "revoked" && client.state === "active") faults.push("it was revoked, and is active");
  // Registrations of older releases do not say what the client may do.
  if (known.permissions !== null && !isSame(known.permissions.split(" "), permissionsOf(client))) {
    faults.push("it may do other things than it was given the right to");
  }
  for (const { fingerprint } of certificates) {
    if (!fingerprints.has(fingerprint)) {
      faults.push(`the audit trail does not know of its certificate ${fingerprint}`);
    }
  }
  return faults;
}

function permissionsOf({ settings }: ClientRow): readonly string[] {
  try {
    return readClientSettings(settings).permissions;
  } catch {
    // No settings that this server wrote: no list is the same as this one.
    return ["(unreadable)"];
  }
}

function isSame(first: readonly string[], second: readonly string[]): boolean {
  const [wanted, found] = [new Set(first), new Set(second)];
  return wanted.size === found.size && [...wanted].every((each) => found.has(each));
}
