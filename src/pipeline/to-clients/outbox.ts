import { attributes } from "#protocol/attributes/definitions.js";
import { Operation } from "#protocol/enums/index.js";
import type { ChangeSet } from "#src/inventory/change-set.js";
import { type QueueLimits, queueFor } from "#src/inventory/message-queue.js";
import type { ObjectStore } from "#src/inventory/object-store.js";
import { toCanonicalText } from "#src/objects/attribute-document.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import type { Change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import type { DestinationRow } from "#storage/destination-types.js";

/** How long the destinations of a tenant are trusted without asking again, so that other processes' changes show. */
const trustedMilliseconds = 1000;

/** What an outbox works with. */
export interface OutboxOptions {
  readonly database: Database;
  readonly store: ObjectStore;
  readonly limits: QueueLimits;
  /** Told when messages were queued. */
  queued(): void;
  readonly now: () => number;
}

/** Attributes whose change is no event of its own: every change of an object changes them. */
const consequences: ReadonlySet<string> = new Set([attributes.lastChangeDate.name]);

/** Makes notices of what units of work change, to be committed with it: no change is lost, none is told that was not made. */
export class Outbox {
  private readonly options: OutboxOptions;
  private known = new Map<string, { readonly rows: readonly DestinationRow[]; readonly readAt: number }>();

  constructor(options: OutboxOptions) {
    this.options = options;
  }

  /** Forgets what destinations there are: an operator changed them. */
  changed(): void {
    this.known = new Map();
  }

  /** Notices were committed. */
  queued(): void {
    this.options.queued();
  }

  /** The changes that queue a Notify for each destination that is to hear of this work; none for most. */
  async noticesOf(tenantId: string, changes: ChangeSet): Promise<readonly Change[]> {
    const changed = changes.changedObjects().filter(({ isNew }) => !isNew);
    if (changed.length === 0) return [];
    const destinations = await this.destinationsOf(tenantId);
    if (destinations.length === 0) return [];
    const notices: Change[] = [];
    for (const { object } of changed) {
      const before = await this.options.store.find(tenantId, object.id);
      if (before === undefined) continue;
      const names = differences(before.attributes, object.attributes);
      for (const destination of destinations) {
        const told = subscribed(destination, names);
        if (told.length === 0) continue;
        const message = { operation: Operation.Notify, objectId: object.id, detail: { attributes: told } };
        notices.push(queueFor(destination, message, this.options.limits, this.options.now()));
      }
    }
    return notices;
  }

  private async destinationsOf(tenantId: string): Promise<readonly DestinationRow[]> {
    const known = this.known.get(tenantId);
    const now = this.options.now();
    if (known !== undefined && now - known.readAt < trustedMilliseconds) return known.rows;
    const before = this.known;
    const rows = await this.options.database.read.destinations.list(tenantId);
    if (before === this.known) this.known.set(tenantId, { rows, readAt: now });
    return rows;
  }
}

/** Names of the attributes in which two sets differ. */
function differences(before: AttributeSet, after: AttributeSet): readonly string[] {
  const text = (set: AttributeSet, name: string): string =>
    toCanonicalText(set.instances(name).map(({ value }) => value));
  const names = new Set([...before.names(), ...after.names()]);
  return [...names].filter((name) => text(before, name) !== text(after, name));
}

function subscribed({ subscription }: DestinationRow, names: readonly string[]): readonly string[] {
  const wanted = JSON.parse(subscription) as readonly string[];
  const events = names.filter((name) => !consequences.has(name));
  return wanted.includes("*") ? events : events.filter((name) => wanted.includes(name));
}
