import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { projectRoot } from "#test/support/server.js";
import { noLoopDisk } from "./loop-disk.js";

t.setTimeout(550_000);

const program = join(projectRoot, "build/test/torture/crash/main.js");
const noDisk = noLoopDisk();

async function outputOf(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]).catch((error: unknown) => {
    if (error instanceof Error && "stdout" in error) return { stdout: String(error.stdout) };
    throw error;
  });
  return stdout;
}

t.test("nothing acknowledged is lost when the server is killed under load or its power is cut", async (t) => {
  if (noDisk !== null) t.comment(`POWER CUTS ARE LEFT OUT: ${noDisk}`);
  const cuts = ["--cuts", noDisk === null ? "5" : "0"];
  // How long a start takes on a machine with much else to do says nothing of the server.
  const stdout = await outputOf(["--database", "sqlite", "--turns", "2", "--others", "0", "--ignore-time", ...cuts]);
  t.match(stdout, /^torture:crash passed in .* 25 kills of the server, /m);
});
