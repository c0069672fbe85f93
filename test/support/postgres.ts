import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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
  /** Stops the server at once, as a crash would. */
  kill(): Promise<void>;
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

function runAsPostgres(program: string, parameters: readonly string[], folder: string): Promise<void> {
  const [command = "env", ...prefix] = asPostgres;
  return new Promise((resolve, reject) => {
    // Without inherited pipes: the server that pg_ctl leaves behind would hold them open.
    const child = spawn(command, [...prefix, program, ...parameters], { cwd: folder, stdio: "ignore" });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}

/** Starts a PostgreSQL. Throws where it is not installed: ask postgresPrograms first. */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = postgresPrograms();
  if (programs === null) throw new Error(`PostgreSQL is not installed under ${installations}`);
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-postgres-"));
  if (process.getuid?.() === 0) chownSync(folder, numericId("-u"), numericId("-g"));
  const data = join(folder, "data");
  const control = (parameters: readonly string[]): Promise<void> =>
    runAsPostgres(join(programs, "pg_ctl"), ["-D", data, ...parameters], folder);
  const options = `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=on -c max_connections=50`;
  const start = (): Promise<void> => control(["-w", "-l", join(folder, "log"), "-o", options, "start"]);
  await runAsPostgres(
    join(programs, "initdb"),
    ["-D", data, "-U", "keyreeve", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    folder,
  );
  await start();
  let running = true;
  const kill = async (): Promise<void> => {
    if (running) await control(["-m", "immediate", "stop"]);
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
