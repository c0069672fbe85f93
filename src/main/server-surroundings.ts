import { ClockWatch } from "#src/administration/clock-watch.js";
import { DiskWatch } from "#src/administration/disk-watch.js";
import type { Runtime } from "#src/administration/runtime.js";
import type { Surroundings } from "#src/pipeline/services.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";
import { takeDroppedLines } from "#src/telemetry/bounded-lines.js";
import { silentLog } from "#src/telemetry/log.js";
import type { Metrics } from "#src/telemetry/metrics.js";

const auditUnsecured = topic<boolean>("the audit trail is unsecured");

/**
 * What around a server process is watched: its disks, its clock and its log, by each process for itself, and whether checkpoints
 * of the audit trail are kept, which the first process knows and tells the others. The first one alone raises events.
 */
export class ServerSurroundings implements Surroundings {
  /** The clock by which requests are served. */
  readonly clock: ClockWatch;
  private readonly disk: DiskWatch;
  private readonly siblings: Siblings;
  private isUnsecured = false;

  private constructor(siblings: Siblings, disk: DiskWatch, clock: ClockWatch) {
    this.siblings = siblings;
    this.disk = disk;
    this.clock = clock;
    siblings.on(auditUnsecured, (isUnsecured) => {
      this.isUnsecured = isUnsecured;
    });
    if (siblings.self === 0) siblings.onJoined(() => siblings.mention(auditUnsecured, this.isUnsecured));
  }

  /** Begins to watch. */
  static async start({ configuration, events, log, siblings }: Runtime, metrics: Metrics): Promise<ServerSurroundings> {
    const telling =
      siblings.self === 0
        ? { log, metrics, raise: events.raise }
        : { log: silentLog(), metrics, raise: () => undefined };
    metrics.beforeExposition(() => metrics.count("logLinesDropped", {}, takeDroppedLines()));
    const disk = await DiskWatch.start({ configuration, ...telling });
    return new ServerSurroundings(siblings, disk, new ClockWatch(telling));
  }

  readonly isSpaceShort = (): boolean => this.disk.isReserved;

  readonly isAuditUnsecured = (): boolean => this.isUnsecured;

  /** Checkpoints have not been kept for too long, or are again; for all processes. */
  readonly setAuditUnsecured = (isUnsecured: boolean): void => {
    this.isUnsecured = isUnsecured;
    this.siblings.mention(auditUnsecured, isUnsecured);
  };

  stop(): void {
    this.disk.stop();
    this.clock.stop();
  }
}
