import { describeCertificate } from "#certs/describe.js";
import { toPem } from "#certs/pem.js";
import { Authorities } from "#src/inventory/authorities.js";
import { ChangeSet } from "#src/inventory/change-set.js";
import type { Database } from "#storage/database.js";
import { AdministrationError } from "./errors.js";
import type { Partitions } from "./partitions.js";
import type { TenantSummary } from "./tenants.js";

/** One generation of a tenant's certification authority, as operators see it. */
export interface AuthoritySummary {
  /** Counts from 1; the highest issues. */
  readonly generation: number;
  readonly subject: string;
  /** Hexadecimal. */
  readonly serial: string;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** SHA-256, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Unique Identifier of the Certificate object by which clients see it. */
  readonly objectId: string;
  readonly pem: string;
}

/**
 * The generations of a tenant's authority, newest first. Rows are checked by the tenant's partition, so that nobody is
 * given a certificate to trust that the server did not make. Throws AdministrationError `not-found` before a client's
 * first Certify, and KmipError.
 */
export async function authoritiesOf(
  { database, partitions }: { readonly database: Database; readonly partitions: Partitions },
  tenant: Pick<TenantSummary, "id" | "name">,
): Promise<readonly AuthoritySummary[]> {
  const { id: tenantId } = tenant;
  const partition = await partitions.of(tenantId);
  const rows = database.read.certificateAuthorities;
  const all = await new Authorities({ tenantId, rows, partition, changes: new ChangeSet() }).list();
  if (all.length === 0) {
    const message = `the tenant "${tenant.name}" has no certification authority yet: a client's first Certify makes it`;
    throw new AdministrationError("not-found", message);
  }
  return all.map(({ generation, certificate, certificateObjectId }) => {
    const { subject, serial, notBefore, notAfter, fingerprint256, der } = describeCertificate(certificate);
    return {
      generation,
      subject,
      serial,
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
      fingerprint: fingerprint256,
      objectId: certificateObjectId,
      pem: toPem("CERTIFICATE", der),
    };
  });
}
