import { LRUCache } from "lru-cache";
import type { Partition } from "#src/crypto/port.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { type Change, change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import type { IndexedName, LocateFilter, LocateOptions, LocateResult, ObjectRow } from "#storage/types.js";
import type { ChangeSet } from "./change-set.js";
import { isGenuineObject } from "./genuine.js";
import { authenticatedBytes, indexOf, objectOf, rowOf } from "./rows.js";

/** Gives the partition that holds a tenant's metadata-authentication key. */
export type PartitionOf = (tenantId: string) => Promise<Partition>;

/** Told of damage that was found when something was used. */
export type DamageObserver = (tenantId: string, objectId: string) => void;

/**
 * The managed objects of all tenants: rows of the database with their integrity tags, behind a cache of objects that
 * were verified. The cache is exact because every change of an object goes through `committed`.
 */
export class ObjectStore {
  private readonly database: Database;
  private readonly partitionOf: PartitionOf;
  private readonly cache: LRUCache<string, ManagedObject>;
  /** Told of an object, or an authority by its certificate, that is not as this server wrote it. */
  readonly damaged: DamageObserver;

  constructor(options: {
    database: Database;
    partitionOf: PartitionOf;
    cachedObjects: number;
    damaged?: DamageObserver;
  }) {
    this.database = options.database;
    this.partitionOf = options.partitionOf;
    this.damaged = options.damaged ?? (() => undefined);
    this.cache = new LRUCache({ max: options.cachedObjects });
  }

  /** The object, or undefined. Throws KmipError `InternalServerError` where the row is not what this server wrote. */
  async find(tenantId: string, id: string): Promise<ManagedObject | undefined> {
    const key = cacheKey(tenantId, id);
    const cached = this.cache.get(key);
    if (cached !== undefined) return cached;
    const row = await this.database.read.objects.byId(tenantId, id);
    if (row === null) return undefined;
    await this.verify(row);
    const object = objectOf(row);
    const raced = this.cache.get(key);
    if (raced !== undefined && raced.version >= object.version) return raced;
    this.cache.set(key, object);
    return object;
  }

  /** The object as it is stored now, whatever other nodes have made of it since it was read. Throws as `find` does. */
  findAnew(tenantId: string, id: string): Promise<ManagedObject | undefined> {
    this.cache.delete(cacheKey(tenantId, id));
    return this.find(tenantId, id);
  }

  /** Identifiers that meet the filters; see Database.read.objects.locate. */
  locate(tenantId: string, filters: readonly LocateFilter[], options: LocateOptions): Promise<LocateResult> {
    return this.database.read.objects.locate(tenantId, filters, options);
  }

  /** The storage changes that make a unit of work true, integrity tags made in the tenant's partition. */
  async prepare(tenantId: string, changes: ChangeSet): Promise<readonly Change[]> {
    const changed = changes.changedObjects();
    if (changed.length === 0) return changes.extraRows();
    const partition = await this.partitionOf(tenantId);
    const rows = await Promise.all(
      changed.map(async ({ object, isNew }) => {
        const fields = rowOf(object);
        const integrityTag = await partition.authenticate(authenticatedBytes(fields, object.version + 1));
        const row = { ...fields, integrityTag };
        if (isNew) return change("objects", "create", { row, ...indexOf(object) });
        const { tenantId: tenant, id, ...columns } = row;
        return change("objects", "update", tenant, id, object.version, { row: columns, ...indexOf(object) });
      }),
    );
    const names = changes.namesMustBeFree ? await this.newNames(changes) : [];
    return [...rows, ...names, ...changes.extraRows()];
  }

  /** Conditions that the names an object did not have before are nobody else's. */
  private async newNames(changes: ChangeSet): Promise<readonly Change[]> {
    const conditions: Change[] = [];
    for (const { object, isNew } of changes.changedObjects()) {
      const before = isNew ? undefined : await this.find(object.tenantId, object.id);
      const had = new Set((before === undefined ? [] : indexOf(before).names).map(nameKey));
      for (const name of indexOf(object).names) {
        if (had.has(nameKey(name))) continue;
        conditions.push(change("objects", "requireFreeName", object.tenantId, object.id, name));
      }
    }
    return conditions;
  }

  /** Takes the values of a unit of work whose commit is durable into the cache. */
  committed(changes: ChangeSet): void {
    for (const { object } of changes.changedObjects()) {
      this.cache.set(cacheKey(object.tenantId, object.id), { ...object, version: object.version + 1 });
    }
  }

  /** Forgets objects that a refused commit showed to be stale. */
  forget(changes: ChangeSet): void {
    for (const { object } of changes.changedObjects()) this.cache.delete(cacheKey(object.tenantId, object.id));
  }

  private async verify(row: ObjectRow): Promise<void> {
    const partition = await this.partitionOf(row.tenantId);
    if (await isGenuineObject(partition, row)) return;
    this.damaged(row.tenantId, row.id);
    throw new KmipError("InternalServerError", "the stored object does not pass its integrity check");
  }
}

function nameKey({ name, nameType }: IndexedName): string {
  return `${nameType} ${name}`;
}

function cacheKey(tenantId: string, id: string): string {
  return `${tenantId}/${id}`;
}
