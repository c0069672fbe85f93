import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { RaiseEvent } from "#src/audit/events/events.js";
import type { Configuration } from "#src/config/configuration.js";
import type { Log } from "#src/telemetry/log.js";
import type { Metrics } from "#src/telemetry/metrics.js";

/** How full the disk of a place is: with room to spare, near the reserve, or down to it. */
type Standing = "ample" | "low" | "reserved";

/** Space on a file system, in bytes. */
export interface Space {
  readonly free: number;
  readonly size: number;
}

/** A folder that must not run out of space. */
interface Place {
  readonly name: "database" | "tokens" | "checkpoints";
  readonly folder: string;
  standing: Standing;
  isSeen: boolean;
}

/** What a watch works with. */
export interface DiskWatchOptions {
  readonly configuration: Pick<Configuration, "database" | "hsm" | "audit" | "disk">;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly raise: RaiseEvent;
  /** The space of the file system that a folder is on; for tests. */
  readonly spaceOf?: (folder: string) => Promise<Space>;
}

const mebibyte = 1024 * 1024;
/** Free space must exceed a limit by this factor before it counts as left behind, so that the border is not crossed often. */
const margin = 1.05;

async function spaceOf(folder: string): Promise<Space> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}

/**
 * Watches the space where the server writes. Below the alarm an event tells operators; below the reserve nothing new is
 * made any more, so that what is left carries the audit trail of all that goes on: using, revoking and destroying keys.
 */
export class DiskWatch {
  private readonly options: Required<DiskWatchOptions>;
  private readonly places: readonly Place[];
  private readonly timer: NodeJS.Timeout;

  private constructor(options: DiskWatchOptions) {
    this.options = { spaceOf, ...options };
    this.places = placesOf(options.configuration);
    const everyMs = options.configuration.disk.everySeconds * 1000;
    this.timer = setInterval(() => void this.look(), everyMs).unref();
  }

  /** Looks a first time, and from then on as often as configured. */
  static async start(options: DiskWatchOptions): Promise<DiskWatch> {
    const watch = new DiskWatch(options);
    await watch.look();
    return watch;
  }

  /** Whether space is so short that nothing new is to be made. */
  get isReserved(): boolean {
    return this.places.some(({ standing }) => standing === "reserved");
  }

  /** Looks at all places. */
  async look(): Promise<void> {
    await Promise.all(this.places.map((place) => this.lookAt(place)));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async lookAt(place: Place): Promise<void> {
    const { name, folder } = place;
    try {
      const space = await this.options.spaceOf(folder);
      place.isSeen = true;
      this.options.metrics.set("diskFree", { place: name }, space.free);
      this.options.metrics.set("diskSize", { place: name }, space.size);
      this.judge(place, space);
    } catch (error) {
      // Whoever uses the folder says what is wrong with it; how full it was last counts on.
      if (place.isSeen) this.options.log.warn({ error, folder }, "the space of a disk cannot be read");
      place.isSeen = false;
    }
  }

  private judge(place: Place, space: Space): void {
    const { disk } = this.options.configuration;
    const below = (percent: number, mebibytes: number, isBelow: boolean): boolean => {
      const limit = Math.min((percent / 100) * space.size, mebibytes * mebibyte);
      return space.free < limit * (isBelow ? margin : 1);
    };
    const isReserved = below(disk.reservePercent, disk.reserveMebibytes, place.standing === "reserved");
    const isLow = below(disk.alarmPercent, disk.alarmMebibytes, place.standing !== "ample");
    const standing = isReserved ? "reserved" : isLow ? "low" : "ample";
    if (standing === place.standing) return;
    this.tell(place, standing, space);
    place.standing = standing;
  }

  private tell({ name, folder }: Place, standing: Standing, { free, size }: Space): void {
    const { log, raise } = this.options;
    const detail = {
      place: name,
      folder,
      freeMebibytes: Math.floor(free / mebibyte),
      sizeMebibytes: Math.floor(size / mebibyte),
    };
    raise({ kind: events[standing], detail });
    if (standing === "ample") log.info(detail, `there is space again where the server writes its ${name}`);
    else log.error(detail, `${words[standing]} ${folder} (${name}): free some, or make the disk larger`);
  }
}

const events = { ample: "disk-ample", low: "disk-low", reserved: "disk-reserved" } as const;

const words = {
  low: "space runs short on the disk of",
  reserved: "nothing new is made any more, keys are only used, revoked and destroyed: space is short on the disk of",
} as const;

function placesOf({ database, hsm, audit }: DiskWatchOptions["configuration"]): readonly Place[] {
  const fresh = { standing: "ample", isSeen: true } as const;
  const own =
    database.client === "pg" ? [] : [{ name: "database", folder: dirname(database.filename), ...fresh } as const];
  return [
    ...own,
    { name: "tokens", folder: hsm.directory, ...fresh },
    { name: "checkpoints", folder: dirname(audit.checkpointFile), ...fresh },
  ];
}
