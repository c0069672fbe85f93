import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "#test/support/server.js";
import type { RunResult } from "./verdict.js";

/**
 * What a harness prints on standard output, whether it passes or not. `folder` is its place below test/, such as
 * `torture/crash`. Rejects, with what it says on standard error, where it prints nothing.
 */
export async function outputOf(folder: string, args: readonly string[]): Promise<string> {
  const program = join(projectRoot, "build/test", folder, "main.js");
  try {
    return (await promisify(execFile)(process.execPath, [program, ...args])).stdout;
  } catch (error) {
    if (error instanceof Error && "stdout" in error && error.stdout !== "") return String(error.stdout);
    throw error;
  }
}

/** What came of a run of a harness. Rejects as outputOf does. */
export async function resultOf(folder: string, args: readonly string[]): Promise<RunResult> {
  return JSON.parse(await outputOf(folder, [...args, "--json"])) as RunResult;
}
