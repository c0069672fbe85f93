import type { ManagedObject } from "#src/objects/managed-object.js";
import type { Change } from "#storage/changes.js";

/**
 * What one unit of work changes, gathered in memory until it is committed in one transaction with its audit records.
 * Reads through the inventory see it. Dropping it undoes everything, but for the `onDiscard` steps that must run.
 */
export class ChangeSet {
  /** Whether names that this work gives must be free: KMIP 2.1 clients are told, older ones share names. */
  readonly namesMustBeFree: boolean;
  private readonly objects = new Map<string, { readonly object: ManagedObject; readonly isNew: boolean }>();
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
    const pending = this.objects.get(object.id);
    this.objects.set(object.id, { object, isNew: pending?.isNew ?? false });
  }

  /** The value an object will have, or undefined where this unit of work does not touch it. */
  pending(id: string): ManagedObject | undefined {
    return this.objects.get(id)?.object;
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

  reversalSteps(): readonly (() => Promise<void>)[] {
    return this.reversals;
  }
}
