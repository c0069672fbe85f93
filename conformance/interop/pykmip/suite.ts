import assert from "node:assert/strict";
import { join } from "node:path";
import { projectRoot } from "../interop-server.js";
import type { InteropSuite, SuiteContext } from "../suite.js";

/** Debian's Python: PyKMIP 0.10 needs 3.11 or older. */
export const python = "/usr/bin/python3";

/** The folder of the suite's Python programs. */
const programFolder = join(projectRoot, "conformance/interop/pykmip");

async function run({ checks, programs, startServer }: SuiteContext): Promise<void> {
  const server = await startServer();
  const configuration = join(server.client.folder, "pykmip.conf");
  const { code, stdout, stderr } = await programs.run(python, [join(programFolder, "main.py"), configuration]);
  checks.recordTap(stdout);
  await checks.check("the behaviours ran to their end", () => assert.notEqual(code, null, stderr));
  await checks.check("every behaviour ran in every version", () => assert.ok(checks.results.length > 210));
}

/** PyKMIP 0.10 as Debian ships it. */
export const pykmipSuite: InteropSuite = {
  name: "pykmip",
  proves: "PyKMIP does everything it can do, in every version it speaks",
  speed: "short",
  debianPackages: [{ name: "python3-pykmip", file: "/usr/lib/python3/dist-packages/kmip/__init__.py" }],
  run,
};
