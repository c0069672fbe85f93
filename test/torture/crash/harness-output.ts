import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "#test/support/server.js";

const program = join(projectRoot, "build/test/torture/crash/main.js");

// How long a start takes on a machine with much else to do says nothing of the server.
const usual = ["--database", "sqlite", "--others", "0", "--ignore-time"];

/** What the harness prints on SQLite, whether it passes or not. */
export async function outputOf(args: readonly string[]): Promise<string> {
  const all = [program, ...usual, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all).catch((error: unknown) => {
    if (error instanceof Error && "stdout" in error) return { stdout: String(error.stdout) };
    throw error;
  });
  return stdout;
}
