/** A standby of a PostgreSQL, made of it while it serves, and the way to promote it. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openConnection } from "#storage/drivers/index.js";
import { statement } from "#storage/statements.js";
import { giveToPostgres, resumePostgres, runPostgresProgram, type TestPostgres } from "./postgres.js";

const streaming = statement((knex) =>
  knex.raw("select count(*)::int as number from pg_stat_replication where state = 'streaming'"),
);

/** Runs commands on a PostgreSQL, each by itself. */
export async function command(
  { configuration }: Pick<TestPostgres, "configuration">,
  ...commands: readonly string[]
): Promise<void> {
  const connection = await openConnection({ ...configuration, nodeId: "test" }, "migrate");
  try {
    for (const one of commands) await connection.command(one);
  } finally {
    await connection.close();
  }
}

/** Waits until a standby follows. */
export async function untilFollowed(primary: TestPostgres): Promise<void> {
  const connection = await openConnection({ ...primary.configuration, nodeId: "test" }, "read");
  try {
    while (Number((await connection.select(streaming, []))[0]?.["number"]) < 1) await pause(50);
  } finally {
    await connection.close();
  }
}

/** Has a PostgreSQL acknowledge no commit that is not on the disk of a standby; or, with false, again without. */
export async function demandStandby(primary: TestPostgres, isDemanded: boolean): Promise<void> {
  const names = isDemanded ? "*" : "";
  await command(primary, `alter system set synchronous_standby_names = '${names}'`, "select pg_reload_conf()");
}

/** Makes a standby that follows a PostgreSQL, as startPostgres makes one, and waits until it follows. */
export async function startStandby(
  primary: TestPostgres,
  parent = tmpdir(),
  walFolder?: string,
): Promise<TestPostgres> {
  const folder = mkdtempSync(join(parent, "keyreeve-standby-"));
  giveToPostgres(folder);
  const { host, user } = primary.configuration;
  const from = ["-h", host, "-U", user, "-D", join(folder, "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync"];
  const wal = walFolder === undefined ? [] : [`--waldir=${walFolder}`];
  await runPostgresProgram("pg_basebackup", [...from, ...wal], folder);
  const standby = await resumePostgres(folder);
  await untilFollowed(primary);
  return standby;
}

/** Makes a standby the one that takes writes. */
export async function promote({ configuration: { host } }: TestPostgres): Promise<void> {
  await runPostgresProgram("pg_ctl", ["-D", join(host, "data"), "-w", "promote"], host);
}
