import createKnex, { type Knex } from "knex";
import { types as defaultTypes } from "pg";
import { databaseDefaults, type PostgresConfiguration } from "../configuration.js";
import type { ConnectionPurpose } from "../connection.js";
import { log, pool } from "./knex.js";

/** How a thread opens a connection to PostgreSQL. */
export interface PostgresOptions extends PostgresConfiguration {
  readonly purpose: ConnectionPurpose;
  /** How long to wait until it is there, in milliseconds; the time of an answer where left out. */
  readonly connectionMs?: number;
}

const int8 = 20;
/** A change of the schema takes as long as the tables are large. */
const migrationMs = 3_600_000;

/** A knex for one connection to PostgreSQL. 64-bit integers come back as numbers: all that is read back is below 2^53. */
export function postgresKnex(options: PostgresOptions): Knex {
  const timeoutMs = options.timeoutMs ?? databaseDefaults.timeoutMs;
  const connectionMs = options.connectionMs ?? timeoutMs;
  const connection = {
    host: options.host,
    port: options.port,
    user: options.user,
    ...(options.password === undefined ? {} : { password: options.password }),
    database: options.database,
    ssl: options.certificateAuthorities === undefined ? false : { ca: options.certificateAuthorities },
    connectionTimeoutMillis: connectionMs,
    query_timeout: options.purpose === "migrate" ? migrationMs : timeoutMs,
    // Statements are sent without waiting for the answers to those before.
    pipeline: true,
    keepAlive: true,
    application_name: "keyreeve",
    types: {
      getTypeParser: (oid: number, format?: string) =>
        oid === int8 ? Number : defaultTypes.getTypeParser(oid, format === "binary" ? "binary" : "text"),
    },
  };
  return createKnex({ client: "pg", connection, acquireConnectionTimeout: connectionMs, pool, log });
}
