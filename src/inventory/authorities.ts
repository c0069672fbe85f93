import { X509Certificate } from "node:crypto";
import type { KeyReference, Partition } from "#src/crypto/port.js";
import type { Custody } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { type Change, change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import type { CertificateAuthorityRow } from "#storage/types.js";
import type { ChangeSet } from "./change-set.js";
import { authenticatedAuthority, isGenuineAuthority } from "./genuine.js";
import type { DamageObserver } from "./object-store.js";

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
    readonly damaged?: DamageObserver;
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
    const integrityTag = await partition.authenticate(authenticatedAuthority(row));
    changes.add(change(repository, "create", { ...row, integrityTag }));
  }

  private async open(row: CertificateAuthorityRow): Promise<Authority> {
    if (!(await isGenuineAuthority(this.options.partition, row))) {
      this.options.damaged?.(row.tenantId, row.certificateObjectId);
      throw new KmipError("InternalServerError", "the stored authority does not pass its integrity check");
    }
    return {
      generation: row.generation,
      certificate: new X509Certificate(row.certificate),
      certificateObjectId: row.certificateObjectId,
      key: keyOfAuthority(row),
    };
  }
}

/** A generation that this unit of work is about to make, in a batch that is one transaction. */
function pendingRow({ repository: concerned, method, parameters }: Change): readonly CertificateAuthorityRow[] {
  return concerned === repository && method === "create" ? [parameters[0] as CertificateAuthorityRow] : [];
}

/** How the private key of an authority is named to its partition. */
export function keyOfAuthority(row: CertificateAuthorityRow): KeyReference {
  return {
    objectId: row.keyId,
    custody: row.custody as Custody,
    keyClass: "private",
    keyType: "ec",
    material: Buffer.from(row.material),
    keyEncryptionKeyVersion: row.keyEncryptionKeyVersion,
  };
}

/**
 * The change that keeps an authority's private key wrapped anew, unless somebody else was first: then its commit fails
 * with `conflict`.
 */
export async function authorityRewrapped(
  partition: Partition,
  before: CertificateAuthorityRow,
  { material, keyEncryptionKeyVersion }: Pick<KeyReference, "material" | "keyEncryptionKeyVersion">,
): Promise<Change> {
  const row = { ...before, material, keyEncryptionKeyVersion };
  const integrityTag = await partition.authenticate(authenticatedAuthority(row));
  return change(repository, "replaceMaterial", { ...row, integrityTag }, before.keyEncryptionKeyVersion);
}
