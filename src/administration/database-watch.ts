import type { Events } from "#src/audit/events/events.js";
import type { Configuration } from "#src/config/configuration.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";
import type { Log } from "#src/telemetry/log.js";
import type { Metrics } from "#src/telemetry/metrics.js";
import type { Outage, OutageCode } from "#storage/availability.js";
import { placeOf } from "#storage/configuration.js";
import { type Database, type DatabaseObserver, openDatabase } from "#storage/database.js";
import type { AuditPosition } from "#storage/types.js";

/** What a watch tells of the database by. */
export interface DatabaseWatchOptions {
  readonly configuration: Configuration;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly events: Pick<Events, "raise" | "writeWaiting" | "writeTo">;
  readonly siblings: Siblings;
}

const databaseDoubted = topic<null>("the database is in doubt");

/** What an operator is to do about an outage, by its code. */
const advice: Readonly<Record<OutageCode, (place: string, isFile: boolean) => string>> = {
  full: (place, isFile) => `no space is left for the database: free some on ${isFile ? `the disk of ${place}` : place}`,
  "read-only": (place, isFile) =>
    isFile
      ? `the file system of ${place} takes no writes: look into the system's log for errors of the disk, and mount it writable`
      : `the database at ${place} takes no writes: it is a standby, or set to read-only. Promote it, or name the primary`,
  unavailable: (place, isFile) =>
    isFile
      ? `the database ${place} does not answer: another program holds it, or its disk fails or hangs`
      : `the database at ${place} does not answer: look whether it runs, is reached from here, and takes connections`,
  behind: (place) =>
    `the database ${place} lacks what it had acknowledged, or has it otherwise: it is an earlier state of it, or a ` +
    "standby that was promoted too early. Bring back the one that has it (docs/decisions/0020-postgresql-failover.md)",
  damaged: (place) => `the database ${place} is damaged: stop the server and restore it from a backup`,
};

/** Where a database is, as operators know it. */
function placesOf(database: Configuration["database"]): string {
  if (database.client !== "pg") return database.filename;
  return [database, ...database.alternatives].map(placeOf).join(", ");
}

/**
 * Tells operators of the database: its figures to the metrics; an outage and its end to the log in plain words and, once
 * each, as events. A process that serves beside the first one tells that one, which finds out whether it is so for all.
 */
function watchDatabase({ configuration, metrics, log, events, siblings }: DatabaseWatchOptions): DatabaseObserver {
  const place = placesOf(configuration.database);
  const isFile = configuration.database.client !== "pg";
  let isRaised = false;
  let isBehind = false;
  metrics.set("storageAvailable", {}, 1);
  const began = (outage: Outage): void => {
    const fields = { code: outage.code, database: place, said: outage.message };
    const words = `${advice[outage.code](place, isFile)}. Until then every request is refused`;
    if (!outage.isConfirmed) log.warn(fields, "a commit failed for a reason that concerns all; the database is tried");
    else log.error(fields, words);
    if (siblings.self !== 0) siblings.mention(databaseDoubted, null);
    else if (outage.isConfirmed) {
      if (!isRaised) events.raise({ kind: "database-unavailable", detail: { code: outage.code, database: place } });
      isRaised = true;
      if (outage.code === "behind" && !isBehind) events.raise({ kind: "database-behind", detail: { database: place } });
      isBehind ||= outage.code === "behind";
    }
  };
  const ended = (milliseconds: number): void => {
    const seconds = Math.round(milliseconds / 100) / 10;
    log.info({ database: place, seconds }, "the database does what it is asked: requests are served");
    if (isRaised) events.raise({ kind: "database-recovered", detail: { database: place, seconds } });
    isRaised = false;
    isBehind = false;
    events.writeWaiting();
  };
  return {
    group: (commits) => metrics.observe("commitSize", {}, commits),
    committed: (milliseconds, outcome) => metrics.observe("commitSeconds", { outcome }, milliseconds / 1000),
    standing(outage, milliseconds) {
      metrics.set("storageAvailable", {}, outage === null ? 1 : 0);
      if (outage === null) ended(milliseconds);
      else began(outage);
    },
  };
}

/**
 * Opens the database under such a watch, which must have the rows that are known to be acknowledged; events are written to
 * it from now on. Throws StorageError.
 */
export async function openWatchedDatabase(
  nodeId: string,
  acknowledged: readonly AuditPosition[],
  options: DatabaseWatchOptions,
): Promise<Database> {
  const { configuration, log, events, siblings } = options;
  const where = { ...configuration.database, nodeId };
  const database = await openDatabase(where, log, watchDatabase(options), acknowledged);
  siblings.on(databaseDoubted, () => database.doubt());
  events.writeTo(database);
  return database;
}
