import type { Driver } from "../connection.js";
import { postgresError } from "../driver-errors.js";
import { type CompiledStatement, preparedLimit } from "../statements.js";
import { lease } from "./knex.js";
import { type PostgresOptions, postgresKnex } from "./postgres-knex.js";

interface PostgresClient {
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

/** Opens a connection to PostgreSQL. */
export async function openPostgres(options: PostgresOptions): Promise<Driver> {
  const knex = postgresKnex(options);
  const { connection: client, release } = await lease<PostgresClient>(knex, postgresError);
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
        await client.query({ text: sql });
      } catch (error) {
        throw postgresError(error);
      }
    },
    close: release,
  };
  try {
    await driver.command(durableCommits);
  } catch (error) {
    await driver.close();
    throw error;
  }
  return driver;
}
