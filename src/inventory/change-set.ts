import type { ManagedObject } from "#src/objects/managed-object.js";
import type { Change } from "#storage/changes.js";

/** Where a unit of work stood at a moment. */
export interface Mark {
  readonly objects: ReadonlyMap<string, { readonly object: ManagedObject; readonly isNew: boolean }>;
  readonly lent: ReadonlyMap<string, ManagedObject>;
  readonly rows: number;
  readonly followUps: number;
  readonly settlements: number;
  readonly reversals: number;
}

/**
 * What one unit of work changes, gathered in memory until it is committed in one transaction with its audit records.
 * Reads through the inventory see it. Dropping it undoes everything, but for the `onDiscard` steps that must run.
 */
export class ChangeSet {
  /** Whether names that this work gives must be free: KMIP 2.1 clients are told, older ones share names. */
  readonly namesMustBeFree: boolean;
  private objects = new Map<string, { readonly object: ManagedObject; readonly isNew: boolean }>();
  private lent = new Map<string, ManagedObject>();
  private readonly rows: Change[] = [];
  private readonly followUps: (() => Promise<void>)[] = [];
  private readonly settlements: Change[] = [];
  private readonly reversals: (() => Promise<void>)[] = [];

  constructor(options: { readonly namesMustBeFree: boolean } = { namesMustBeFree: false }) {
    this.namesMustBeFree = options.namesMustBeFree;
  }

  /** A new object. */
  insert(object: ManagedObject): void {
    this.objects.set(object.id, { object, isNew: true });
  }

  /** A new value of an object that stands, built from the value that was loaded: a newer one in the database wins. */
  update(object: ManagedObject): void {
    if (this.lent.has(object.id)) {
      this.lent.set(object.id, object);
      return;
    }
    const pending = this.objects.get(object.id);
    this.objects.set(object.id, { object, isNew: pending?.isNew ?? false });
  }

  /** The value an object will have, or undefined where this unit of work does not touch it. */
  pending(id: string): ManagedObject | undefined {
    return this.objects.get(id)?.object ?? this.lent.get(id);
  }

  /**
   * Lets this unit of work find an object that is not stored and never will be: what it changes of it is changed in
   * memory only, for whoever lent the object to take back.
   */
  lend(object: ManagedObject): void {
    this.lent.set(object.id, object);
  }

  /** Takes back what was lent: the object as it is now, or undefined. */
  reclaim(id: string): ManagedObject | undefined {
    const object = this.lent.get(id);
    this.lent.delete(id);
    return object;
  }

  /** Takes a new object out again, for a maker that keeps it outside the database. Gives undefined for any other. */
  withdraw(id: string): ManagedObject | undefined {
    const pending = this.objects.get(id);
    if (pending?.isNew !== true) return undefined;
    this.objects.delete(id);
    return pending.object;
  }

  /** Where this unit of work stands, to come back to. */
  mark(): Mark {
    return {
      objects: new Map(this.objects),
      lent: new Map(this.lent),
      rows: this.rows.length,
      followUps: this.followUps.length,
      settlements: this.settlements.length,
      reversals: this.reversals.length,
    };
  }

  /** Takes back all that was done since a mark; the `onDiscard` steps since then run, the last first. */
  async takeBack(mark: Mark): Promise<void> {
    this.objects = new Map(mark.objects);
    this.lent = new Map(mark.lent);
    this.rows.length = mark.rows;
    this.followUps.length = mark.followUps;
    this.settlements.length = mark.settlements;
    for (const step of this.reversals.splice(mark.reversals).reverse()) await step();
  }

  /** A storage change beside the objects: intents, registrations. */
  add(change: Change): void {
    this.rows.push(change);
  }

  /** A step for after the commit, before the answer: removing a destroyed key from the token. Its failure is logged. */
  afterCommit(step: () => Promise<void>): void {
    this.followUps.push(step);
  }

  /** A storage change for after all steps of afterCommit: it closes the intent that would have them repeated. */
  settleAfterCommit(settlement: Change): void {
    this.settlements.push(settlement);
  }

  /** A step for when the work is dropped: removing a key from the token that no row will name. */
  onDiscard(step: () => Promise<void>): void {
    this.reversals.push(step);
  }

  get isEmpty(): boolean {
    return this.objects.size === 0 && this.rows.length === 0;
  }

  /** All objects with their coming values, in the order they were first touched. */
  changedObjects(): readonly { readonly object: ManagedObject; readonly isNew: boolean }[] {
    return [...this.objects.values()];
  }

  extraRows(): readonly Change[] {
    return this.rows;
  }

  followUpSteps(): readonly (() => Promise<void>)[] {
    return this.followUps;
  }

  settlementRows(): readonly Change[] {
    return this.settlements;
  }

  /** The steps of onDiscard, the last first. */
  reversalSteps(): readonly (() => Promise<void>)[] {
    return this.reversals.toReversed();
  }
}
