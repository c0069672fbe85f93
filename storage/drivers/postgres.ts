import { databaseDefaults } from "../configuration.js";
import type { Driver } from "../connection.js";
import { postgresError } from "../driver-errors.js";
import { StorageError } from "../errors.js";
import { type CompiledStatement, preparedLimit } from "../statements.js";
import { lease } from "./knex.js";
import { type PostgresOptions, postgresKnex } from "./postgres-knex.js";

interface Notice {
  readonly code?: string;
  readonly message?: string;
}

/** Of what PostgreSQL tells beside its answers, the newest that is more than a notice. */
interface Warnings {
  count: number;
  last: string;
}

/** The SQLSTATE of notices: all is well. */
const success = "00000";

interface PostgresClient {
  on(event: "notice", listener: (notice: Notice) => void): void;
  readonly connection: { readonly stream: { destroy(): void } };
  query(query: { name?: string; text: string; values?: unknown[] }): Promise<{
    rows: Record<string, unknown>[];
    rowCount: number | null;
  }>;
}

// A commit that is answered is on disk, whatever the server is told later; what is set here stays for the connection.
// Settings that ask for more than that, of replicas, are kept.
const durableCommits = `select set_config('synchronous_commit',
  case when current_setting('synchronous_commit') in ('off', 'local') then 'on'
  else current_setting('synchronous_commit') end, false)`;

/** How long a server may take to hear of the end of a connection before the connection is cut. */
const farewellMs = 1000;

// The server gives up what nobody waits for any longer, instead of holding a connection and its locks for it: a lock
// first, so that the statement says what it waited for. Shorter limits of the operator's are kept.
function boundedWaits(timeoutMs: number): string {
  const limits = { lock_timeout: Math.ceil(timeoutMs * 0.7), statement_timeout: timeoutMs };
  const settings = Object.entries({ ...limits, idle_in_transaction_session_timeout: 2 * timeoutMs });
  const list = settings.map(([name, milliseconds]) => `('${name}', ${milliseconds})`).join(", ");
  return `select set_config(wanted.name, wanted.milliseconds::text, false)
    from (values ${list}) as wanted (name, milliseconds) join pg_settings on pg_settings.name = wanted.name
    where setting::bigint = 0 or setting::bigint > wanted.milliseconds`;
}

/**
 * Makes a commit. Where somebody ends the wait for a standby, PostgreSQL answers that it is done, with a warning that no
 * standby may have it: a failover could lose it, so it does not count as done.
 */
async function commit(client: PostgresClient, warnings: Warnings): Promise<void> {
  const before = warnings.count;
  await client.query({ text: "commit" });
  if (warnings.count === before) return;
  const message = `PostgreSQL: a commit was answered with a warning: ${warnings.last}`;
  throw new StorageError("unavailable", message, { outcomeUnknown: true });
}

/** Opens a connection to PostgreSQL. */
export async function openPostgres(options: PostgresOptions): Promise<Driver> {
  const knex = postgresKnex(options);
  const { connection: client, release } = await lease<PostgresClient>(knex, postgresError);
  const warnings: Warnings = { count: 0, last: "" };
  client.on("notice", ({ code = success, message = "" }) => {
    if (code === success) return;
    warnings.count += 1;
    warnings.last = message;
  });
  const names = new Map<CompiledStatement, string>();
  const nameOf = (compiled: CompiledStatement): string | undefined => {
    const known = names.get(compiled);
    if (known !== undefined) return known;
    // The server keeps what has a name: beyond the limit statements are planned at each use.
    if (names.size >= preparedLimit) return undefined;
    const made = `keyreeve_${names.size}`;
    names.set(compiled, made);
    return made;
  };
  const query = async (compiled: CompiledStatement, values: unknown[]) => {
    try {
      const name = nameOf(compiled);
      return await client.query({ ...(name === undefined ? {} : { name }), text: compiled.sql, values });
    } catch (error) {
      throw postgresError(error);
    }
  };
  const driver: Driver = {
    knex,
    select: async (compiled, bindings) => (await query(compiled, bindings)).rows,
    run: async (compiled, bindings) => (await query(compiled, bindings)).rowCount ?? 0,
    async command(sql) {
      try {
        if (sql === "commit") await commit(client, warnings);
        else await client.query({ text: sql });
      } catch (error) {
        throw postgresError(error);
      }
    },
    async close() {
      const cut = setTimeout(() => client.connection.stream.destroy(), farewellMs);
      try {
        await release();
      } finally {
        clearTimeout(cut);
      }
    },
  };
  try {
    await driver.command(durableCommits);
    if (options.purpose !== "migrate")
      await driver.command(boundedWaits(options.timeoutMs ?? databaseDefaults.timeoutMs));
  } catch (error) {
    await driver.close();
    throw error;
  }
  return driver;
}
