import type { Acknowledged } from "../acknowledged.js";
import { type DatabaseConfiguration, placeOf } from "../configuration.js";
import type { Connection } from "../connection.js";
import { openConnection } from "../drivers/index.js";
import { statement } from "../statements.js";
import type { Opened } from "./messages.js";

const standbys = statement((knex) => knex.raw("select current_setting('synchronous_standby_names') as names"));

/** Whether a commit is answered only when a standby has it, too. */
async function waitsForStandby(connection: Connection): Promise<boolean> {
  return (await connection.select(standbys, []))[0]?.["names"] !== "";
}

/**
 * Opens a connection to a database that takes writes and has all that was acknowledged; tells of it before anything is
 * written there. Throws StorageError.
 */
export async function openForWriting(
  configuration: DatabaseConfiguration,
  acknowledged: Acknowledged,
  tell: (opened: Opened) => void,
): Promise<Connection> {
  const warnings: string[] = [];
  const connection = await openConnection(configuration, "write", {
    accept: (candidate) => acknowledged.check(candidate),
    passedOver: (place, reason) => warnings.push(`the database at ${place} was passed over: ${reason}`),
  });
  const { address } = connection;
  const isOneOfSeveral = configuration.client === "pg" && (configuration.alternatives ?? []).length > 0;
  if (isOneOfSeveral && address !== undefined && !(await waitsForStandby(connection))) {
    warnings.push(
      `the database at ${placeOf(address)} answers commits that no standby has (synchronous_standby_names is empty): ` +
        "what is newest is lost where it fails over now",
    );
  }
  tell({ address, warnings });
  return connection;
}
