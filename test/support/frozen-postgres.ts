/** A PostgreSQL that stands still: what is asked of it is taken in by the system and never answered. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestPostgres } from "./postgres.js";

/** The main process of a server. */
export function postmasterOf({ configuration }: Pick<TestPostgres, "configuration">): number {
  return Number(readFileSync(join(configuration.host, "data", "postmaster.pid"), "utf8").split("\n")[0]);
}

/** The processes whose parent is this one. */
function childrenOf(processId: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === processId;
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Stops all processes of a server; gives what lets them go on. */
export function freeze(postgres: Pick<TestPostgres, "configuration">): () => void {
  const main = postmasterOf(postgres);
  process.kill(main, "SIGSTOP");
  const stopped = [...childrenOf(main), main];
  for (const one of stopped) process.kill(one, "SIGSTOP");
  return () => {
    for (const one of stopped) process.kill(one, "SIGCONT");
  };
}
