import { UniqueIdentifier } from "#protocol/enums/index.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { PlaceholderValues } from "#src/operations/contract/operation.js";
import { BatchData, type BatchDataSnapshot, type GivenData } from "./batch-data.js";
import { Told } from "./told.js";

/** What a placeholder holds, as plain data: for batches whose items are worked on later. */
export interface PlaceholderSnapshot {
  readonly current: string | null;
  readonly named: readonly (readonly [number, string])[];
  readonly told: readonly string[];
  readonly data: BatchDataSnapshot;
}

/** What a successful item leaves for those behind it. */
export interface LeftByItem {
  readonly values: PlaceholderValues;
  /** The identifiers its response tells, in their order: looked for when an item behind it asks, as few do. */
  readonly identifiers: () => readonly string[];
  readonly data?: GivenData;
}

/** The ID placeholder of one batch, and the other ways in which later items name what earlier ones told. */
export class Placeholder {
  private current: string | undefined;
  private readonly named = new Map<number, string>();
  private readonly told = new Told<string>();
  /** The Data that later items may refer to. */
  readonly data = new BatchData();

  /** A placeholder that holds what another one held. */
  static from({ current, named, told, data }: PlaceholderSnapshot): Placeholder {
    const placeholder = new Placeholder();
    placeholder.itemDone({ values: { current, named: new Map(named) }, identifiers: () => told });
    placeholder.data.restore(data);
    return placeholder;
  }

  /** What it would hold after an item: nothing is changed. */
  after(done: LeftByItem | undefined): Placeholder {
    const next = Placeholder.from(this.snapshot());
    if (done === undefined) next.itemFailed();
    else next.itemDone(done);
    return next;
  }

  /** What it holds. */
  snapshot(): PlaceholderSnapshot {
    return {
      current: this.current ?? null,
      named: [...this.named],
      told: [...this.told.all()],
      data: this.data.snapshot(),
    };
  }

  /** Takes what a successful item left. */
  itemDone({ values, identifiers, data }: LeftByItem): void {
    if (values.current !== undefined) this.current = values.current ?? undefined;
    for (const [name, identifier] of values.named ?? []) this.named.set(name, identifier);
    this.told.add(identifiers);
    if (data !== undefined) this.data.itemDone(data);
  }

  /**
   * Forgets what earlier items left: where a batch goes on after a failure, an item that meant the object of the failed
   * one must not hit the object of an item before it.
   */
  itemFailed(): void {
    this.current = undefined;
    this.named.clear();
    this.data.itemFailed();
  }

  /** Whether the ID placeholder holds an identifier. */
  get isSet(): boolean {
    return this.current !== undefined;
  }

  /** The identifier a request means. Throws KmipError where there is none. */
  resolve(naming: ObjectNaming | undefined): string {
    const identifier = this.lookUp(naming);
    if (identifier === "") throw new KmipError("InvalidField", "a Unique Identifier is not empty");
    if (identifier !== undefined) return identifier;
    throw new KmipError("ItemNotFound", "the request names no object and the ID placeholder is empty");
  }

  private lookUp(naming: ObjectNaming | undefined): string | undefined {
    if (naming === undefined) return this.current;
    switch (naming.kind) {
      case "identifier":
        return naming.identifier;
      case "placeholder":
        return naming.operation === UniqueIdentifier.IDPlaceholder ? this.current : this.named.get(naming.operation);
      case "batch-item":
        // The nth identifier of the response, or counted backwards from the item that asks (KMIP 2.1 §4.58).
        return this.told.all().at(naming.index);
    }
  }
}
