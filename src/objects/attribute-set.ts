import type { AttributeDefinition } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";

/** One kept instance: its index is its name among its siblings and is never given again while they stand. */
export interface KeptInstance<T = unknown> {
  readonly index: number;
  readonly value: T;
}

/** The attributes of an object: for each name its instances in order. Immutable: every change gives a new set. */
export class AttributeSet {
  private readonly byName: ReadonlyMap<string, readonly KeptInstance[]>;

  constructor(byName: ReadonlyMap<string, readonly KeptInstance[]> = new Map()) {
    this.byName = byName;
  }

  /** The value of a single-valued attribute, or undefined. */
  get<T>(definition: AttributeDefinition<T>): T | undefined {
    return this.byName.get(definition.name)?.[0]?.value as T | undefined;
  }

  /** The values of all instances of an attribute, in order. */
  values<T>(definition: AttributeDefinition<T>): readonly T[] {
    return (this.byName.get(definition.name) ?? []).map((instance) => instance.value as T);
  }

  /** The instances of an attribute of this name, in order; empty where it has none. */
  instances(name: string): readonly KeptInstance[] {
    return this.byName.get(name) ?? [];
  }

  /** Whether the object has an attribute of this name. */
  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** How many instances it holds of all attributes together. */
  get size(): number {
    return [...this.byName.values()].reduce((sum, instances) => sum + instances.length, 0);
  }

  /** Names of all attributes the object has, in the order they were first set. */
  names(): readonly string[] {
    return [...this.byName.keys()];
  }

  /** All instances of all attributes. The index is given only where it is not 0. */
  all(): readonly AttributeInstance[] {
    return this.names().flatMap((name) => this.of(name));
  }

  /** All instances of one attribute, as a message carries them. */
  of(name: string): readonly AttributeInstance[] {
    return this.instances(name).map(({ index, value }) => (index === 0 ? { name, value } : { name, index, value }));
  }

  /** The set with one attribute of exactly this value; undefined removes it. */
  with<T>(definition: AttributeDefinition<T>, value: T | undefined): AttributeSet {
    return this.replace(definition.name, value === undefined ? [] : [{ index: 0, value }]);
  }

  /** The set with one more instance, whose index is one above the highest. */
  adding(name: string, value: unknown): AttributeSet {
    const present = this.instances(name);
    const index = present.reduce((highest, instance) => Math.max(highest, instance.index + 1), 0);
    return this.replace(name, [...present, { index, value }]);
  }

  /** The set with the value of one instance changed. The instance must stand. */
  changing(name: string, index: number, value: unknown): AttributeSet {
    return this.replace(
      name,
      this.instances(name).map((instance) => (instance.index === index ? { index, value } : instance)),
    );
  }

  /** The set without one instance, or without the attribute where no index is given. */
  without(name: string, index?: number): AttributeSet {
    const left = index === undefined ? [] : this.instances(name).filter((instance) => instance.index !== index);
    return this.replace(name, left);
  }

  /** The set with exactly these instances of one attribute. */
  replace(name: string, instances: readonly KeptInstance[]): AttributeSet {
    const next = new Map(this.byName);
    if (instances.length === 0) next.delete(name);
    else next.set(name, instances);
    return new AttributeSet(next);
  }
}
