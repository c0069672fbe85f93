import { timingSafeEqual, X509Certificate } from "node:crypto";
import type { KeyReference, Partition } from "#src/crypto/port.js";
import type { Custody } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { type Change, change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import type { CertificateAuthorityRow } from "#storage/types.js";
import type { ChangeSet } from "./change-set.js";

/** One generation of a tenant's certification authority. */
export interface Authority {
  readonly generation: number;
  readonly certificate: X509Certificate;
  /** Unique Identifier of the Certificate object by which clients see it. */
  readonly certificateObjectId: string;
  readonly key: KeyReference;
}

/** A new generation, before it is kept. */
export type NewAuthority = Omit<CertificateAuthorityRow, "tenantId" | "integrityTag">;

/** Where the rows of the authorities are read. */
export type AuthorityRows = Pick<Database["read"]["certificateAuthorities"], "list">;

const repository = "certificateAuthorities";

/** The certification authority of one tenant as one unit of work sees it: rows with their integrity tags. */
export class Authorities {
  private readonly options: {
    readonly tenantId: string;
    readonly rows: AuthorityRows;
    readonly partition: Partition;
    readonly changes: ChangeSet;
  };

  constructor(options: Authorities["options"]) {
    this.options = options;
  }

  /** All generations, newest first. Throws KmipError `InternalServerError` where a row is not what this server wrote. */
  async list(): Promise<readonly Authority[]> {
    const { tenantId, rows, changes } = this.options;
    const stored = await rows.list(tenantId);
    const all = [...changes.extraRows().flatMap(pendingRow), ...stored];
    return Promise.all(all.map((row) => this.open(row)));
  }

  /** Keeps a new generation with this unit of work. */
  async add(authority: NewAuthority): Promise<void> {
    const { tenantId, changes, partition } = this.options;
    const row = { ...authority, tenantId };
    const integrityTag = await partition.authenticate(authenticatedBytes(row));
    changes.add(change(repository, "create", { ...row, integrityTag }));
  }

  private async open(row: CertificateAuthorityRow): Promise<Authority> {
    const expected = await this.options.partition.authenticate(authenticatedBytes(row));
    const found = Buffer.from(row.integrityTag);
    if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
      throw new KmipError("InternalServerError", "the stored authority does not pass its integrity check");
    }
    return {
      generation: row.generation,
      certificate: new X509Certificate(row.certificate),
      certificateObjectId: row.certificateObjectId,
      key: {
        objectId: row.keyId,
        custody: row.custody as Custody,
        keyClass: "private",
        keyType: "ec",
        material: Buffer.from(row.material),
        keyEncryptionKeyVersion: row.keyEncryptionKeyVersion,
      },
    };
  }
}

/** A generation that this unit of work is about to make, in a batch that is one transaction. */
function pendingRow({ repository: concerned, method, parameters }: Change): readonly CertificateAuthorityRow[] {
  return concerned === repository && method === "create" ? [parameters[0] as CertificateAuthorityRow] : [];
}

/** What the integrity tag is made over: every field, each behind its length. */
function authenticatedBytes(row: Omit<CertificateAuthorityRow, "integrityTag">): Buffer {
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
