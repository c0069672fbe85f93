import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { projectRoot } from "#test/support/server.js";
import type { LoadPlan, LoadResult } from "./load-plan.js";

/** The path of a program of the benchmarks. */
export function program(name: string): string {
  return join(projectRoot, "build/test/bench", name);
}

/** The first message of a child process. Rejects where it ends without one. */
export async function answerOf<T>(child: ChildProcess): Promise<T> {
  const answer = await Promise.race([
    once(child, "message").then(([message]) => message as T),
    once(child, "exit").then(([code]) => {
      throw new Error(`${child.spawnfile} ended with ${String(code)}`);
    }),
  ]);
  return answer;
}

/** Puts a load on a server from a process of its own. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const child = fork(program("load-process.js"));
  child.send(plan);
  const result = await answerOf<LoadResult>(child);
  if (child.exitCode === null) await once(child, "exit");
  return result;
}
