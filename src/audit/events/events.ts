import type { Log } from "#src/telemetry/log.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import { type AuditRecord, serverChain } from "#storage/types.js";
import { Fold, type Occurrence } from "./fold.js";
import { eventTable } from "./table.js";

/** Raises an event. Never throws, and never waits. */
export type RaiseEvent = (occurrence: Occurrence) => void;

/** What raising events works with. */
export interface EventsOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** After an event, others of its kind and tenant are counted for so long before one row tells of them together. */
  readonly foldMilliseconds?: number;
  /** Rows that could not be written are tried again after so long, then after twice as long, up to a minute. */
  readonly retryMilliseconds?: number;
}

const longestRetryMilliseconds = 60_000;

/** Kinds and tenants that are kept apart; beyond that, what concerns tenants is counted for the server as a whole. */
const foldsLimit = 10_000;

const levels = { notice: "info", warning: "warn", error: "error", critical: "error" } as const;

/** What is kept of one kind of event for one tenant. */
interface Track {
  /** A row on its way to the database, kept until it is known to be there. */
  record: AuditRecord | null;
  isWriting: boolean;
  /** How often in a row the row could not be written. */
  failures: number;
  /** Occurrences that have no row yet. */
  fold: Fold | null;
  timer: NodeJS.Timeout | null;
}

/**
 * Raises events: each is logged and counted, and becomes a row of its tenant's audit chain (or of the server's own).
 * The first of its kind for a tenant is written at once; those that follow soon are counted and share a row, so that
 * events cannot flood. While the database is away rows wait, one for each kind and tenant, and are tried again.
 */
export class Events {
  private readonly options: Required<EventsOptions>;
  private readonly tracks = new Map<string, Track>();
  private database: Database | null = null;
  private stopped = false;

  constructor(options: EventsOptions) {
    this.options = { foldMilliseconds: 60_000, retryMilliseconds: 2000, ...options };
  }

  /** From now on rows go to this database; those that wait for it are written. */
  writeTo(database: Database): void {
    this.database = database;
    this.writeWaiting();
  }

  /** Writes rows that wait for the database, which is back, at once. */
  writeWaiting(): void {
    for (const [key, track] of this.tracks) this.write(key, track);
  }

  /** Raises an event. */
  readonly raise: RaiseEvent = (occurrence) => {
    const { metrics, now } = this.options;
    metrics.count("events", { event: occurrence.kind, severity: eventTable[occurrence.kind].severity });
    const isKnown = this.tracks.has(keyOf(occurrence));
    const { tenantId: _tenant, ...general } = occurrence;
    this.note(isKnown || this.tracks.size < foldsLimit ? occurrence : general, now());
  };

  private note(occurrence: Occurrence, timeMs: number): void {
    const key = keyOf(occurrence);
    const track = this.tracks.get(key);
    if (track === undefined) {
      const fold = new Fold(occurrence, timeMs);
      const fresh: Track = { record: null, isWriting: false, failures: 0, fold, timer: null };
      this.tracks.set(key, fresh);
      this.seal(key, fresh);
    } else if (track.fold === null) {
      track.fold = new Fold(occurrence, timeMs);
    } else {
      track.fold.add(occurrence, timeMs);
    }
  }

  /** Makes a row of what is counted so far, and counts anew. */
  private seal(key: string, track: Track): void {
    if (track.record !== null || track.fold === null) return;
    const { fold } = track;
    const { severity, words } = eventTable[fold.kind];
    this.options.log[levels[severity]]({ tenantId: fold.tenantId, ...fold.facts() }, words);
    track.record = fold.record();
    track.fold = null;
    this.write(key, track);
  }

  private write(key: string, track: Track): void {
    const { database } = this;
    const { record } = track;
    if (database === null || record === null || track.isWriting) return;
    track.isWriting = true;
    appendOnce(database, record).then(
      () => this.written(key, track),
      (error: unknown) => this.unwritten(key, track, error),
    );
  }

  private written(key: string, track: Track): void {
    track.isWriting = false;
    track.failures = 0;
    track.record = null;
    this.after(track, this.options.foldMilliseconds, () => {
      if (track.fold === null) this.tracks.delete(key);
      else this.seal(key, track);
    });
  }

  private unwritten(key: string, track: Track, error: unknown): void {
    track.isWriting = false;
    this.options.log.error({ error, event: track.record?.resultReason }, "an event could not be audited yet");
    const pause = Math.min(longestRetryMilliseconds, this.options.retryMilliseconds * 2 ** track.failures);
    track.failures += 1;
    this.after(track, pause, () => this.write(key, track));
  }

  private after(track: Track, milliseconds: number, run: () => void): void {
    if (this.stopped) return;
    clearTimeout(track.timer ?? undefined);
    track.timer = setTimeout(run, milliseconds).unref();
  }

  /** Writes what waits, once; what cannot be written even now stands in the log. Events raised later are only logged. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const { timer } of this.tracks.values()) clearTimeout(timer ?? undefined);
    const records = [...this.tracks.values()].flatMap(({ record, fold }) => [record, fold?.record() ?? null]);
    await Promise.all(records.map((record) => this.writeLast(record)));
    this.tracks.clear();
    this.database = null;
  }

  private async writeLast(record: AuditRecord | null): Promise<void> {
    if (record === null) return;
    try {
      if (this.database === null) throw new StorageError("unavailable", "the database was never opened");
      await appendOnce(this.database, record);
    } catch (error) {
      const { detail, tenantId } = record;
      this.options.log.error({ error, tenantId, detail }, "an event could not be audited before the server stopped");
    }
  }
}

function keyOf({ kind, tenantId = serverChain }: Occurrence): string {
  return `${kind} ${tenantId}`;
}

/** Appends a row that may be there already, where an earlier attempt broke off without an answer. */
async function appendOnce(database: Database, record: AuditRecord): Promise<void> {
  try {
    await database.commit([change("audit", "append", record)]);
  } catch (error) {
    const isThere =
      error instanceof StorageError && error.code === "duplicate" && error.constraint === "audit.event_id";
    if (!isThere) throw error;
  }
}
