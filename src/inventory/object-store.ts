import { LRUCache } from "lru-cache";
import { attributes } from "#protocol/attributes/definitions.js";
import type { Partition } from "#src/crypto/port.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { isDestroyed } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { NoSiblings } from "#src/siblings/alone.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";
import { type Change, change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { IndexedName, LocateFilter, LocateOptions, LocateResult, ObjectRow } from "#storage/types.js";
import type { ChangeSet } from "./change-set.js";
import { isGenuineObject } from "./genuine.js";
import { HeldObjects } from "./held-objects.js";
import { ObjectHold } from "./object-hold.js";
import { authenticatedBytes, indexOf, objectOf, rowOf } from "./rows.js";

/** Gives the partition that holds a tenant's metadata-authentication key. */
export type PartitionOf = (tenantId: string) => Promise<Partition>;

/** Told of damage that was found when something was used. */
export type DamageObserver = (tenantId: string, objectId: string) => void;

/** Objects whose keys were destroyed or replaced. */
interface ReplacedKeys {
  readonly tenantId: string;
  readonly ids: readonly string[];
}

const keysReplaced = topic<ReplacedKeys>("keys are replaced");

/** What a store works with. */
export interface ObjectStoreOptions {
  readonly database: Database;
  readonly partitionOf: PartitionOf;
  readonly cachedObjects: number;
  /** The other processes that keep objects in memory; none where left out. */
  readonly siblings?: Siblings;
  readonly damaged?: DamageObserver;
}

/**
 * The managed objects of all tenants: rows of the database with their integrity tags, behind a cache of objects that
 * were verified. The cache is exact because every change of an object, in whatever process of this server, goes through
 * `hold`, and ends with `committed` or `refused`.
 */
export class ObjectStore {
  private readonly database: Database;
  private readonly partitionOf: PartitionOf;
  private readonly cache: LRUCache<string, ManagedObject>;
  /** Told of an object, or an authority by its certificate, that is not as this server wrote it. */
  readonly damaged: DamageObserver;
  private readonly siblings: Siblings;
  private readonly held: HeldObjects;

  constructor(options: ObjectStoreOptions) {
    const { siblings = new NoSiblings(), damaged = () => undefined } = options;
    this.database = options.database;
    this.partitionOf = options.partitionOf;
    this.damaged = damaged;
    this.cache = new LRUCache({ max: options.cachedObjects });
    this.siblings = siblings;
    this.held = new HeldObjects(siblings, (key) => this.cache.delete(key));
    siblings.on(keysReplaced, ({ tenantId, ids }) => this.forgetHandles(tenantId, ids));
  }

  /** The object, or undefined. Throws KmipError `InternalServerError` where the row is not what this server wrote. */
  async find(tenantId: string, id: string): Promise<ManagedObject | undefined> {
    const key = cacheKey(tenantId, id);
    const cached = this.cache.get(key);
    if (cached !== undefined) return cached;
    const reading = this.held.begin(key);
    try {
      const row = await this.database.read.objects.byId(tenantId, id);
      if (row === null) return undefined;
      await this.verify(row);
      const object = objectOf(row);
      const raced = this.cache.get(key);
      if (raced !== undefined && raced.version >= object.version) return raced;
      if (reading.isFresh) this.cache.set(key, object);
      return object;
    } finally {
      this.held.ended(reading);
    }
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

  /** Begins to have all processes forget the objects that a unit of work changes: its commit waits until they have. */
  hold(changes: ChangeSet): ObjectHold {
    return new ObjectHold(this.siblings.isAlone ? undefined : this.held, keysOf(changes));
  }

  /**
   * Has keys replaced by a commit while no process keeps the objects in memory; all drop their handles. Rejects as the
   * commit does.
   */
  async replaceKeys<Result>(changes: ChangeSet, commit: () => Promise<Result>): Promise<Result> {
    const hold = this.hold(changes);
    let result: Result;
    try {
      await hold.taken();
      result = await commit();
    } catch (error) {
      this.refused(changes, hold, error);
      throw error;
    }
    this.committed(changes, hold);
    for (const { object } of changes.changedObjects()) {
      this.siblings.mention(keysReplaced, { tenantId: object.tenantId, ids: [object.id] });
    }
    return result;
  }

  /** Has nobody keep the objects of a unit of work in memory while it is not known whether its commit happened. */
  doubt(changes: ChangeSet): ObjectHold {
    return new ObjectHold(this.held, keysOf(changes));
  }

  /**
   * Takes the values of a unit of work whose commit is durable into the cache; those of one of which that had to be found
   * out may have been changed again since.
   */
  committed(changes: ChangeSet, hold: ObjectHold, isFoundOut = false): void {
    const changed = changes.changedObjects();
    this.announceReplaced(changed);
    for (const { object, isNew } of changed) {
      const key = keyOf(object);
      const isLatest = !isFoundOut && (isNew || hold.isFresh(key));
      this.held.outdate(key);
      if (isLatest) this.cache.set(key, { ...object, version: object.version + 1 });
      else this.cache.delete(key);
    }
    void hold.release();
  }

  /** Forgets objects that a refused commit showed to be stale, and lets them go. */
  refused(changes: ChangeSet, hold: ObjectHold, error: unknown): void {
    if (error instanceof StorageError) {
      for (const { object } of changes.changedObjects()) this.cache.delete(keyOf(object));
      // It may still come true: until then nobody keeps what there is, in a process that is alone neither.
      if (error.outcomeUnknown) void this.doubt(changes).release(error);
    }
    void hold.release(error);
  }

  /** Has the other processes drop the handles of keys that are not used any more as they were. */
  private announceReplaced(changed: ReturnType<ChangeSet["changedObjects"]>): void {
    const gone = changed.filter(({ object, isNew }) => !isNew && isKeyGone(object));
    const [first] = gone;
    if (first === undefined) return;
    const ids = gone.map(({ object }) => object.id);
    this.siblings.mention(keysReplaced, { tenantId: first.object.tenantId, ids });
  }

  private async forgetHandles(tenantId: string, ids: readonly string[]): Promise<void> {
    const partition = await this.partitionOf(tenantId);
    for (const id of ids) await partition.forget(id);
  }

  private async verify(row: ObjectRow): Promise<void> {
    const partition = await this.partitionOf(row.tenantId);
    if (await isGenuineObject(partition, row)) return;
    this.damaged(row.tenantId, row.id);
    throw new KmipError("InternalServerError", "the stored object does not pass its integrity check");
  }
}

/** Whether the key of an object is not there any more. */
function isKeyGone({ attributes: set, material }: ManagedObject): boolean {
  return material === null || isDestroyed(set.get(attributes.state));
}

function nameKey({ name, nameType }: IndexedName): string {
  return `${nameType} ${name}`;
}

/** The objects that a unit of work changes, new ones left out. */
function keysOf(changes: ChangeSet): readonly string[] {
  return changes.changedObjects().flatMap(({ object, isNew }) => (isNew ? [] : [keyOf(object)]));
}

function keyOf({ tenantId, id }: ManagedObject): string {
  return cacheKey(tenantId, id);
}

function cacheKey(tenantId: string, id: string): string {
  return `${tenantId}/${id}`;
}
