import type { Partition } from "#src/crypto/port.js";
import { sameSecret } from "#src/secrecy/same-secret.js";
import type { CertificateAuthorityRow, ObjectRow } from "#storage/types.js";
import { authenticatedBytes } from "./rows.js";

/** What authenticates rows. */
export type Authenticator = Pick<Partition, "authenticate">;

/** Whether an integrity tag is the one that a partition makes over these bytes; compares in constant time. */
async function isTagOf(partition: Authenticator, bytes: Buffer, tag: Uint8Array | null): Promise<boolean> {
  const expected = await partition.authenticate(bytes);
  const found = tag === null ? Buffer.alloc(0) : Buffer.from(tag);
  return sameSecret(found, expected);
}

/** Whether the row of an object is what this server wrote for that tenant, identifier and version. */
export function isGenuineObject(partition: Authenticator, row: ObjectRow): Promise<boolean> {
  return isTagOf(partition, authenticatedBytes(row, row.version), row.integrityTag);
}

/** Whether the row of an authority is what this server wrote for that tenant and generation. */
export function isGenuineAuthority(partition: Authenticator, row: CertificateAuthorityRow): Promise<boolean> {
  return isTagOf(partition, authenticatedAuthority(row), row.integrityTag);
}

/** What the integrity tag of an authority is made over: every field, each behind its length. */
export function authenticatedAuthority(row: Omit<CertificateAuthorityRow, "integrityTag">): Buffer {
  const parts = [
    "keyreeve certificate authority 1",
    row.tenantId,
    String(row.generation),
    row.certificateObjectId,
    row.certificate,
    row.keyId,
    row.custody,
    row.material,
    String(row.keyEncryptionKeyVersion),
    String(row.createdAt),
  ].map((part) => (typeof part === "string" ? Buffer.from(part) : part));
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}
