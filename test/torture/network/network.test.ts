import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import type { RunResult } from "#test/harness/verdict.js";
import { projectRoot } from "#test/support/server.js";

t.setTimeout(550_000);

const program = join(projectRoot, "build/test/torture/network/main.js");

async function run(...args: readonly string[]): Promise<RunResult> {
  const all = [program, ...args, "--json", "--ignore-time"];
  const { stdout } = await promisify(execFile)(process.execPath, all).catch((error: unknown) => {
    if (error instanceof Error && "stdout" in error) return { stdout: String(error.stdout) };
    throw error;
  });
  return JSON.parse(stdout) as RunResult;
}

const short = [
  ["cuts,slow,malformed", "--step", "12", "--patience", "3", "--malformed", "8"],
  ["fairness", "--seconds", "2", "--rounds", "1", "--loud", "16"],
] as const;

for (const [part, ...sizes] of short) {
  t.test(`a short run of ${part} finds nothing`, async (t) => {
    const { checks, passed, seed } = await run("--part", part, ...sizes);
    t.same(
      checks.filter(({ holds }) => !holds),
      [],
      `seed ${seed}`,
    );
    t.ok(passed);
  });
}
