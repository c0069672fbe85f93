import { UniqueIdentifier } from "#protocol/enums/index.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { PlaceholderValues } from "#src/operations/contract/operation.js";

/** The ID placeholder of one batch, which its items set and read in order. */
export class Placeholder {
  private current: string | undefined;
  private readonly named = new Map<number, string>();
  private readonly byItem: (string | undefined)[] = [];

  /** Takes what a successful item left. A failed item leaves nothing. */
  itemDone(values: PlaceholderValues): void {
    if (values.current !== undefined) this.current = values.current ?? undefined;
    for (const [name, identifier] of values.named ?? []) this.named.set(name, identifier);
    this.byItem.push(values.current ?? undefined);
  }

  /** Counts an item that failed, so that batch item numbers stay right. */
  itemFailed(): void {
    this.byItem.push(undefined);
  }

  /** The identifier a request means. Throws KmipError where there is none. */
  resolve(naming: ObjectNaming | undefined): string {
    const identifier = this.lookUp(naming);
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
        return this.byItem[naming.index];
    }
  }
}
