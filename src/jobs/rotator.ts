import type { RotationEnd } from "#src/objects/rotation.js";
import { change } from "#storage/changes.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import type { RotationRow } from "#storage/repositories/objects.js";
import { ClaimedWork } from "./claimed-work.js";

/** What a rotator works with. */
export interface RotatorOptions {
  readonly database: Database;
  readonly log: DatabaseLogger;
  readonly everySeconds: number;
  /** Replaces an object that is due. Rejects where even the failure could not be recorded. */
  readonly rotate: (due: RotationRow) => Promise<RotationEnd>;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/** Objects read in one go. */
const pageSize = 100;
/** How long a node has an object for itself; where it takes longer, one commit is still the only one that succeeds. */
const claimSeconds = 120;
const shortestPauseSeconds = 60;
const longestPauseSeconds = 3600;

/**
 * Has objects replaced whose Rotate Interval has passed (KMIP 2.1 §4.48), one after the other, so that clients do not
 * wait for it. An object is claimed in the database before it is worked on; what fails is tried again after a pause
 * that grows with the time the object has been due.
 */
export class Rotator {
  private readonly options: RotatorOptions;
  private readonly work: ClaimedWork;

  constructor(options: RotatorOptions) {
    this.options = options;
    this.work = new ClaimedWork({
      log: options.log,
      everyMilliseconds: options.everySeconds * 1000,
      claimDue: () => this.rotateDue(),
      whenUnseen: "objects due for rotation cannot be looked for",
    });
  }

  /** Begins with what has become due while nobody looked. */
  start(): void {
    this.work.start();
  }

  /** Begins nothing more, and resolves when what is under way has ended. */
  stop(): Promise<void> {
    return this.work.stop();
  }

  private async rotateDue(): Promise<void> {
    const { database, now } = this.options;
    for (let isMore = true; isMore && !this.work.stopped; ) {
      const page = await database.read.objects.dueForRotation(now(), pageSize);
      for (const due of page) {
        if (!this.work.stopped) await this.rotateOne(due);
      }
      isMore = page.length === pageSize;
    }
  }

  private async rotateOne(due: RotationRow): Promise<void> {
    const { database, log, now, rotate } = this.options;
    const claimed = { ...due, rotateAt: now() + claimSeconds };
    const [isOurs] = await database.commit([change("objects", "setRotation", due, claimed.rotateAt)]);
    if (!isOurs) return;
    const end = await rotate(due).catch((error: unknown): RotationEnd => {
      log.error({ error, objectId: due.id }, "an object could not be rotated");
      return { kind: "failed", since: undefined };
    });
    if (end.kind === "rotated") return;
    const next = end.kind === "left" ? null : now() + pauseAfter(end, now());
    await database.commit([change("objects", "setRotation", claimed, next)]);
  }
}

/** As long as an object has been due, within limits: so the pause doubles with each try. */
function pauseAfter(end: Exclude<RotationEnd, { readonly kind: "rotated" | "left" }>, now: number): number {
  if (end.kind === "suspended") return longestPauseSeconds;
  return Math.min(longestPauseSeconds, Math.max(shortestPauseSeconds, now - (end.since ?? now)));
}
