import { createHash } from "node:crypto";
import { isTaskThere, newTask, queueTask } from "#src/inventory/task-orders.js";
import type { Database, DatabaseLogger } from "#storage/database.js";
import type { TenantRow } from "#storage/types.js";
import { ClaimedWork } from "../claimed-work.js";

/** What a schedule of scans works with. */
export interface ScanScheduleOptions {
  readonly database: Database;
  readonly log: DatabaseLogger;
  /** 0: never. */
  readonly everyHours: number;
  /** Told when a scan was asked for. */
  readonly queued: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const lookMilliseconds = 300_000;
const hourMilliseconds = 3_600_000;

/** Who asks for scans that nobody asked for. */
const asker = { name: "(schedule)", certificateFingerprint: null, sourceAddress: null };

/**
 * Has every tenant scanned once in a while. Tenants come at different times of it, so that they are not all scanned
 * together; where several servers look, one scan is made.
 */
export class ScanSchedule {
  private readonly options: ScanScheduleOptions;
  private readonly work: ClaimedWork;

  constructor(options: ScanScheduleOptions) {
    this.options = options;
    this.work = new ClaimedWork({
      log: options.log,
      everyMilliseconds: lookMilliseconds,
      claimDue: () => this.queueDue(),
      whenUnseen: "scans that are due cannot be looked for",
      now: options.now,
    });
  }

  start(): void {
    if (this.options.everyHours > 0) this.work.start();
  }

  /** Begins nothing more. */
  stop(): Promise<void> {
    return this.work.stop();
  }

  private async queueDue(): Promise<void> {
    const { database, now, queued } = this.options;
    for (const tenant of await database.read.tenants.list()) {
      if (this.work.stopped) return;
      const latest = await database.read.tasks.latest(tenant.id, "scan-integrity");
      const dueAt = this.dueAt(tenant, latest?.createdAt ?? null);
      if (dueAt > now()) continue;
      const task = newTask(tenant.id, "scan-integrity", { deep: false }, asker, now());
      try {
        await database.commit(queueTask(task, (latest?.createdAt ?? 0) + 1));
        queued();
      } catch (error) {
        // Another server, or an operator, was first.
        if (!isTaskThere(error)) throw error;
      }
    }
  }

  /** The first scan of a tenant comes at a moment of its own within the first interval, the others an interval apart. */
  private dueAt({ id, createdAt }: TenantRow, latest: number | null): number {
    const interval = this.options.everyHours * hourMilliseconds;
    if (latest !== null) return latest + interval;
    const share = createHash("sha256").update(id).digest().readUInt32BE(0) / 2 ** 32;
    return createdAt + share * interval;
  }
}
