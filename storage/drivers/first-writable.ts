import { type DatabaseAddress, databaseDefaults, type PostgresConfiguration, placeOf } from "../configuration.js";
import { Connection, type ConnectionPurpose } from "../connection.js";
import { StorageError, type StorageErrorCode } from "../errors.js";
import { statement } from "../statements.js";
import { openPostgres } from "./postgres.js";

/** What decides to which of several addresses a connection goes. */
export interface Choice {
  /** Throws StorageError where the database there is not the right one. */
  readonly accept?: (connection: Connection) => Promise<void>;
  /** The only address that counts: where the writer is, reading is. */
  readonly only?: DatabaseAddress | undefined;
  /** Told of each address that was passed over, and why. */
  readonly passedOver?: (place: string, reason: string) => void;
}

/** Which of several reasons is told: the most telling one first. */
const telling = ["behind", "read-only", "damaged", "full"] as const satisfies readonly StorageErrorCode[];

const readOnly = statement((knex) => knex.raw("select current_setting('transaction_read_only') as setting"));

/**
 * Opens a connection to the first address that is reached, takes writes and is accepted. Each has its part of the time
 * that is left, so that one that does not answer keeps nobody from the next. Throws StorageError.
 */
export async function openFirstWritable(
  configuration: PostgresConfiguration,
  purpose: ConnectionPurpose,
  { accept, only, passedOver }: Choice,
): Promise<Connection> {
  const { alternatives = [], host, port, timeoutMs = databaseDefaults.timeoutMs } = configuration;
  const addresses = only === undefined ? [{ host, port }, ...alternatives] : [only];
  const end = performance.now() + timeoutMs;
  const failures: (readonly [place: string, error: StorageError])[] = [];
  for (const [index, address] of addresses.entries()) {
    const share = Math.max(1, Math.round((end - performance.now()) / (addresses.length - index)));
    try {
      const options = { ...configuration, ...address, purpose, connectionMs: share };
      const connection = new Connection(await openPostgres(options), address);
      await checked(connection, addresses.length > 1, accept);
      for (const [place, { message }] of failures) passedOver?.(place, message);
      return connection;
    } catch (error) {
      if (!(error instanceof StorageError) || addresses.length === 1) throw error;
      failures.push([placeOf(address), error]);
    }
  }
  throw together(failures);
}

async function checked(connection: Connection, isOneOfSeveral: boolean, accept: Choice["accept"]): Promise<void> {
  try {
    if (isOneOfSeveral && (await connection.select(readOnly, []))[0]?.["setting"] !== "off") {
      throw new StorageError("read-only", "it is a standby, or set to read-only");
    }
    await accept?.(connection);
  } catch (error) {
    // What the end of a connection that is not wanted reports is not news.
    void connection.close().catch(() => undefined);
    throw error;
  }
}

function together(failures: readonly (readonly [place: string, error: StorageError])[]): StorageError {
  const codes = failures.map(([, { code }]) => code);
  const code = telling.find((one) => codes.includes(one)) ?? codes[0] ?? "unavailable";
  const reasons = failures.map(([place, { message }]) => `${place}: ${message}`).join("; ");
  return new StorageError(code, `no address has a database that takes writes: ${reasons}`);
}
