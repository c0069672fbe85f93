import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { projectRoot } from "#test/support/server.js";
import { parts } from "./parts.js";

t.setTimeout(300_000);

const program = join(projectRoot, "build/test/torture/storage/main.js");
const reason = parts["disks"]?.obstacle() ?? null;
const skip = reason === null ? false : `DISKS CANNOT FAIL HERE, THIS DID NOT RUN: ${reason}`;

t.test("a disk that fills costs nothing that was acknowledged, and is overcome", { skip }, async (t) => {
  const args = [program, "--part", "disks", "--fault", "full", "--ignore-time", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: unknown) => {
    if (error instanceof Error && "stdout" in error) return { stdout: String(error.stdout) };
    throw error;
  });
  const { passed, checks, done } = JSON.parse(stdout) as {
    readonly passed: boolean;
    readonly checks: readonly { readonly holds: boolean }[];
    readonly done: { readonly faults: number };
  };
  t.same(
    checks.filter(({ holds }) => !holds),
    [],
  );
  t.ok(passed);
  t.ok(done.faults >= 2);
});
