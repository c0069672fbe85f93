import type { Identities } from "#src/access/identities.js";
import type { TrustedAuthority } from "#src/access/trusted-authority.js";
import type { Database } from "#storage/database.js";
import type { Actor } from "../audit-record.js";
import { AdministrationError } from "../errors.js";
import { registerCertificate } from "./register-certificate.js";

/**
 * Registers a certificate that an authority admits, without an operator: as a new client, or as a further certificate
 * of the client that the same authority vouched for under that name. Gives why it cannot be, in words for the operator,
 * or undefined where it was done. Throws StorageError.
 */
export async function registerByAuthority(
  options: { readonly database: Database; readonly identities: Identities },
  actor: Actor,
  { authority, name, certificate }: { authority: TrustedAuthority; name: string | undefined; certificate: string },
): Promise<string | undefined> {
  const { read } = options.database;
  const { row } = authority;
  if (name === undefined) return "the certificate holds no name by which the client could be registered";
  const tenant = await read.tenants.byId(row.tenantId);
  if (tenant === null || tenant.state !== "active") return "the tenant of its authority is suspended";
  const known = await read.clients.byName(tenant.id, name);
  const earlier = known === null ? [] : await read.clients.certificates(tenant.id, known.id);
  const isRenewal = known?.state === "active" && earlier.some(({ vouchedBy }) => vouchedBy === row.id);
  if (known !== null && !isRenewal) return `the name "${name}" belongs, or belonged, to a client of other certificates`;
  try {
    await registerCertificate(options, actor, {
      tenant,
      name,
      certificate,
      vouchedBy: row.id,
      existing: isRenewal,
      operation: "Register Client",
      detail: { authority: row.name },
    });
    return undefined;
  } catch (error) {
    // Another process, or another connection, was first with this name or certificate.
    if (error instanceof AdministrationError) return error.message;
    throw error;
  }
}
