import type { DataReference } from "#protocol/structures/data.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { Told } from "./told.js";

/** What an item gives that others may refer to. */
export interface GivenData {
  /** Its output, under its value of the Data enumeration. */
  readonly output?: { readonly reference: number; readonly value: Buffer } | undefined;
  /** The Data its response tells, in their order: looked for when an item behind it asks. */
  readonly told: () => readonly Buffer[];
}

/** What is held, as plain data in base64: for batches whose items are worked on later. */
export interface BatchDataSnapshot {
  readonly named: readonly (readonly [number, string])[];
  readonly told: readonly string[];
}

/** The Data that the items of one batch gave, for the items behind them that refer to it (KMIP 2.1 §7.9, §11.13). */
export class BatchData {
  private readonly named = new Map<number, Buffer>();
  private readonly told = new Told<Buffer>();

  /** What it holds. */
  snapshot(): BatchDataSnapshot {
    return {
      named: [...this.named].map(([reference, value]) => [reference, value.toString("base64")] as const),
      told: this.told.all().map((value) => value.toString("base64")),
    };
  }

  /** Takes what another one held. */
  restore({ named, told }: BatchDataSnapshot): void {
    for (const [reference, value] of named) this.named.set(reference, Buffer.from(value, "base64"));
    this.told.add(() => told.map((value) => Buffer.from(value, "base64")));
  }

  /** Takes what a successful item gave. */
  itemDone({ output, told }: GivenData): void {
    if (output !== undefined) this.named.set(output.reference, output.value);
    this.told.add(told);
  }

  /** Forgets what is named: an item that meant the output of a failed one must not get that of an item before it. */
  itemFailed(): void {
    this.named.clear();
  }

  /** The Data that a request means. Throws KmipError where there is none. */
  resolve(reference: DataReference): Buffer {
    // The nth Data of the response, or counted backwards from the item that asks.
    const found =
      reference.kind === "placeholder" ? this.named.get(reference.operation) : this.told.all().at(reference.index);
    if (found !== undefined) return found;
    throw new KmipError("InvalidField", "no item before this one gave the Data that the request refers to");
  }
}
