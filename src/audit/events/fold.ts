import { newIdentifier } from "#storage/identifiers.js";
import { type AuditRecord, serverChain } from "#storage/types.js";
import { type EventKind, eventTable } from "./table.js";

/** The operation that rows of events carry in the audit trail; their result reason is the kind of event. */
export const eventOperation = "(event)";

/** Facts that go with an event: names and numbers, never secrets nor anything a client chose freely. */
export type EventDetail = Readonly<Record<string, string | number>>;

/** Something of which an operator must hear. */
export interface Occurrence {
  readonly kind: EventKind;
  /** The tenant it concerns; absent for the server as a whole. */
  readonly tenantId?: string;
  /** The managed object it concerns. */
  readonly objectId?: string;
  readonly detail?: EventDetail;
}

/** Objects that one row names at most; the count says how many occurrences there were. */
const namedObjects = 20;

/** Occurrences of one kind for one tenant that share a row of the audit trail. */
export class Fold {
  readonly kind: EventKind;
  readonly tenantId: string;
  private readonly firstMs: number;
  private readonly detail: EventDetail;
  private readonly objects = new Set<string>();
  private lastMs: number;
  private occurrences = 0;

  /** Begins with the occurrence whose details the row will tell. `timeMs` is milliseconds since 1970. */
  constructor(occurrence: Occurrence, timeMs: number) {
    this.kind = occurrence.kind;
    this.tenantId = occurrence.tenantId ?? serverChain;
    this.detail = occurrence.detail ?? {};
    this.firstMs = timeMs;
    this.lastMs = timeMs;
    this.add(occurrence, timeMs);
  }

  /** How many occurrences there were. */
  get count(): number {
    return this.occurrences;
  }

  /** Counts one more. */
  add({ objectId }: Occurrence, timeMs: number): void {
    this.occurrences += 1;
    this.lastMs = timeMs;
    if (objectId !== undefined && this.objects.size < namedObjects) this.objects.add(objectId);
  }

  /** The facts as they stand in the audit trail and in the log. */
  facts(): Readonly<Record<string, unknown>> {
    const { severity, words } = eventTable[this.kind];
    const several = {
      count: this.occurrences,
      first: new Date(this.firstMs).toISOString(),
      last: new Date(this.lastMs).toISOString(),
    };
    return {
      event: this.kind,
      severity,
      words,
      ...this.detail,
      ...(this.objects.size > 1 ? { objects: [...this.objects] } : {}),
      ...(this.occurrences > 1 ? several : {}),
    };
  }

  /** The row of the audit trail. */
  record(): AuditRecord {
    const { severity } = eventTable[this.kind];
    const [objectId = null] = this.objects;
    const eventId = newIdentifier();
    return {
      tenantId: this.tenantId,
      timeMs: this.lastMs,
      eventId,
      clientId: null,
      clientName: "server",
      certificateFingerprint: null,
      sourceAddress: null,
      protocolVersion: null,
      operation: eventOperation,
      objectId: this.objects.size === 1 ? objectId : null,
      partition: null,
      outcome: severity === "notice" ? "success" : "failure",
      resultReason: this.kind,
      durationMicroseconds: null,
      correlationId: eventId,
      detail: JSON.stringify(this.facts()),
    };
  }
}
