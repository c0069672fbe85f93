/** The processes of a server and of its database, and what can be done to them. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { commandOf, descendantsOf } from "#test/support/process-figures.js";

/** Kinds of processes of a server below its first one, by what stands in their command line. */
const kinds = {
  "HSM worker": /pkcs11\/worker\//,
  "serving process": /main\/child-process\./,
} as const;

export type ProcessKind = keyof typeof kinds;

/** The processes of a kind below the first process of a server. */
export function processesOfKind(first: number, kind: ProcessKind): readonly number[] {
  return descendantsOf(first).filter((id) => kinds[kind].test(commandOf(id)));
}

/** The first process of a PostgreSQL, by the file that it leaves in its folder. */
export function postmasterOf(folder: string): number {
  return Number(readFileSync(join(folder, "data", "postmaster.pid"), "utf8").split("\n")[0]);
}

/** How long killed processes may take to be gone, in milliseconds. */
const endOfKilled = 10_000;

/** Kills a PostgreSQL as a whole, so that it can be started again. */
export async function killPostgres(folder: string): Promise<void> {
  const first = postmasterOf(folder);
  const all = [first, ...descendantsOf(first)];
  signal(all, "SIGKILL");
  const left = await untilGone(all, endOfKilled);
  if (left.length > 0) throw new Error(`processes ${left.join()} of PostgreSQL do not end`);
  // It is dead, but where nobody asks how it ended its number is still taken, and PostgreSQL would not start.
  removeLocks(folder);
}

/** Removes the files that name the process of a PostgreSQL which is dead. */
export function removeLocks(folder: string): void {
  rmSync(join(folder, "data", "postmaster.pid"), { force: true });
  rmSync(join(folder, ".s.PGSQL.5432.lock"), { force: true });
}

/** Processes of a PostgreSQL that serve a connection. */
export function backendsOf(folder: string): readonly number[] {
  return descendantsOf(postmasterOf(folder)).filter((id) => / \[local\] /.test(commandOf(id)));
}

/** Sends a signal to processes, those that have ended already left out. */
export function signal(processes: readonly number[], name: NodeJS.Signals): void {
  for (const id of processes) {
    try {
      process.kill(id, name);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** Waits until processes have ended, so many milliseconds at most. Gives those that have not. */
export async function untilGone(processes: readonly number[], milliseconds: number): Promise<readonly number[]> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const left = processes.filter((id) => commandOf(id) !== "");
    if (left.length === 0 || performance.now() > end) return left;
    await pause(10);
  }
}
