import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PostgresConfiguration } from "#storage/configuration.js";

const installations = "/usr/lib/postgresql";

/** The folder of PostgreSQL's programs, the newest installed; null where Debian's package is not installed. */
export function postgresPrograms(): string | null {
  if (!existsSync(installations)) return null;
  const folders = readdirSync(installations)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(installations, version, "bin"))
    .filter((folder) => existsSync(join(folder, "initdb")));
  return folders[0] ?? null;
}

/** A PostgreSQL of one test: on a unix socket in a folder of its own, with fsync on. */
export interface TestPostgres {
  readonly configuration: PostgresConfiguration;
  /** Stops the server: at once, as a crash would, or in order. */
  kill(mode?: "immediate" | "fast"): Promise<void>;
  /** Starts it again after `kill`. */
  restart(): Promise<void>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

function numericId(option: "-u" | "-g"): number {
  return Number(spawnSync("id", [option, "postgres"], { encoding: "utf8" }).stdout.trim());
}

// initdb and postgres refuse to run as root.
const asPostgres =
  process.getuid?.() === 0
    ? ["setpriv", `--reuid=${numericId("-u")}`, `--regid=${numericId("-g")}`, "--clear-groups", "--"]
    : ["env"];

function runAsPostgres(path: string, parameters: readonly string[], folder: string): Promise<void> {
  const [command = "env", ...prefix] = asPostgres;
  return new Promise((resolve, reject) => {
    // Without inherited pipes: the server that pg_ctl leaves behind would hold them open.
    const child = spawn(command, [...prefix, path, ...parameters], { cwd: folder, stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${path} ended with ${code}`))));
  });
}

/**
 * Makes a PostgreSQL in a folder of its own under `parent`, the temporary folder if left out, and starts it; its log of
 * changes stands in a folder elsewhere where one is named. Throws where it is not installed: ask postgresPrograms first.
 */
export async function startPostgres(parent = tmpdir(), walFolder?: string): Promise<TestPostgres> {
  const folder = mkdtempSync(join(parent, "keyreeve-postgres-"));
  giveToPostgres(folder);
  const wal = walFolder === undefined ? [] : [`--waldir=${walFolder}`];
  const locale = ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", ...wal];
  await runAsPostgres(program("initdb"), ["-D", join(folder, "data"), "-U", "keyreeve", ...locale], folder);
  return resumePostgres(folder);
}

/** Starts the PostgreSQL that was made in a folder, or a copy of it: `host` of its configuration is that folder. */
export async function resumePostgres(folder: string): Promise<TestPostgres> {
  const control = (parameters: readonly string[]): Promise<void> =>
    runAsPostgres(program("pg_ctl"), ["-D", join(folder, "data"), ...parameters], folder);
  const options = `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=on -c max_connections=50`;
  const log = join(folder, "log");
  const start = async (): Promise<void> => {
    await control(["-w", "-l", log, "-o", options, "start"]).catch((cause: unknown) => {
      throw new Error(`PostgreSQL does not start: ${readFileSync(log, "utf8").slice(-2000)}`, { cause });
    });
  };
  await start();
  let running = true;
  const kill = async (mode: "immediate" | "fast" = "immediate"): Promise<void> => {
    // Without this file it was killed by other means.
    if (running && existsSync(join(folder, "data", "postmaster.pid"))) await control(["-m", mode, "stop"]);
    running = false;
  };
  return {
    configuration: { client: "pg", host: folder, port: 5432, user: "keyreeve", database: "postgres", timeoutMs: 3000 },
    kill,
    async restart() {
      await start();
      running = true;
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Gives a folder to the user that PostgreSQL's programs run as. */
export function giveToPostgres(folder: string): void {
  if (process.getuid?.() === 0) chownSync(folder, numericId("-u"), numericId("-g"));
}

/** Runs one of PostgreSQL's programs as its user. Rejects where it fails. */
export function runPostgresProgram(name: string, parameters: readonly string[], folder: string): Promise<void> {
  return runAsPostgres(program(name), parameters, folder);
}

function program(name: string): string {
  const programs = postgresPrograms();
  if (programs === null) throw new Error(`PostgreSQL is not installed under ${installations}`);
  return join(programs, name);
}
