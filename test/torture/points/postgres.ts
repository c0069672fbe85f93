/** A PostgreSQL on whose commits points are met. */
import type { PostgresConfiguration } from "#storage/configuration.js";
import { CommitCutter } from "#test/support/commit-cutter.js";
import { startPostgres, type TestPostgres } from "#test/support/postgres.js";

/** The databases that points are met on. */
export const databaseKinds = ["sqlite", "postgres"] as const;

export type DatabaseKind = (typeof databaseKinds)[number];

/** A PostgreSQL with a proxy before it, which sees when a server commits. */
export class PostgresBehindCutter {
  readonly cutter: CommitCutter;
  private readonly postgres: TestPostgres;

  private constructor(postgres: TestPostgres, cutter: CommitCutter) {
    this.postgres = postgres;
    this.cutter = cutter;
  }

  static async start(): Promise<PostgresBehindCutter> {
    const postgres = await startPostgres();
    try {
      return new PostgresBehindCutter(postgres, await CommitCutter.start(postgres.configuration.host));
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  }

  /** The way to it around the proxy. */
  get configuration(): PostgresConfiguration {
    return this.postgres.configuration;
  }

  /** Tells a server of it. */
  get environment(): Readonly<Record<string, string>> {
    return { KEYREEVE_DATABASE_URL: this.cutter.url };
  }

  async stop(): Promise<void> {
    await this.cutter.stop();
    await this.postgres.stop();
  }
}
