import type { ManagedObject } from "#src/objects/managed-object.js";
import type { LocateFilter, LocateOptions, LocateResult } from "#storage/types.js";
import type { ChangeSet } from "./change-set.js";
import type { ObjectStore } from "./object-store.js";

/** One tenant's objects as one unit of work sees them: its own changes first, then what is stored. */
export class Inventory {
  private readonly store: ObjectStore;
  private readonly tenantId: string;
  private readonly changes: ChangeSet;
  private readonly isWithinReach: (object: ManagedObject) => boolean;

  /** `isWithinReach` says of objects whether they are there at all for this unit of work. */
  constructor(
    store: ObjectStore,
    tenantId: string,
    changes: ChangeSet,
    isWithinReach: (object: ManagedObject) => boolean = () => true,
  ) {
    this.isWithinReach = isWithinReach;
    this.store = store;
    this.tenantId = tenantId;
    this.changes = changes;
  }

  /** The object with this Unique Identifier, or undefined: another tenant's object is not there. */
  async find(id: string): Promise<ManagedObject | undefined> {
    const object = this.changes.pending(id) ?? (await this.store.find(this.tenantId, id));
    return object === undefined || !this.isWithinReach(object) ? undefined : object;
  }

  /** Identifiers of stored objects that meet all filters, newest first. Uncommitted changes are not searched. */
  locate(filters: readonly LocateFilter[], options: LocateOptions): Promise<LocateResult> {
    return this.store.locate(this.tenantId, filters, options);
  }
}
