import type { Siblings } from "#src/siblings/siblings.js";
import { topic } from "#src/siblings/siblings.js";
import type { AuditPosition } from "#storage/types.js";

const grown = topic<AuditPosition>("an audit chain has grown");

/** Watches the chains of a process that signs no checkpoints itself, and tells the one that does when enough rows came. */
export class ReportedGrowth {
  private readonly siblings: Siblings;
  private readonly everyRows: number;
  /** Sequence at the last report of each tenant's chain. */
  private readonly last = new Map<string, number>();

  constructor(siblings: Siblings, everyRows: number) {
    this.siblings = siblings;
    this.everyRows = everyRows;
  }

  /** Tells that a row was appended: what audit.append answered. */
  observe(position: AuditPosition): void {
    const { tenantId, sequence } = position;
    const last = this.last.get(tenantId);
    if (last !== undefined && sequence - last < this.everyRows) return;
    this.last.set(tenantId, sequence);
    if (last !== undefined) this.siblings.mention(grown, position);
  }
}

/** Has the chains signed of which other processes report that they have grown. */
export function heedGrowth(siblings: Siblings, due: (position: AuditPosition) => void): void {
  siblings.on(grown, (position) => due({ ...position, hash: Buffer.from(position.hash) }));
}
