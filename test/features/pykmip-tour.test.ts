import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import t from "tap";
import { clientFolder, projectRoot, runKeyreeve, startTestServer } from "#test/support/server.js";

const python = "/usr/bin/python3";
const isInstalled = spawnSync(python, ["-c", "import kmip"]).status === 0;
const skip = isInstalled ? false : "PYKMIP IS NOT INSTALLED (apt-get install python3-pykmip): THIS TEST DID NOT RUN";

/** What the tour does, in its order, as the audit calls it. */
const toured = [
  "Create",
  "Activate",
  "Locate",
  "Get",
  "Encrypt",
  "Decrypt",
  "ReKey",
  "Revoke",
  "Revoke",
  "Destroy",
  "Destroy",
  "Locate",
];

interface AuditRow {
  readonly operation: string;
  readonly outcome: string;
  readonly clientId?: string | null;
}

async function runTour(configuration: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(python, [join(projectRoot, "examples/pykmip_tour.py"), configuration]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}

t.test(
  "after a tour with PyKMIP, every step of it stands in an audit trail that is whole",
  { skip, timeout: 120_000 },
  async (t) => {
    const server = await startTestServer({ asCommand: true });
    t.teardown(() => server.stop());
    const ports = { KEYREEVE_KMIP_PORT: String(server.kmipPort), KEYREEVE_ADMIN_PORT: String(server.adminPort) };
    const tour = await runTour(join(clientFolder(server.home), "pykmip.conf"));
    t.equal(tour.code, 0, tour.output);

    const verified = await runKeyreeve(server.home, ["audit", "verify"], ports);
    t.equal(verified.code, 0, verified.stdout + verified.stderr);
    t.match(verified.stdout, /whole/);

    const listed = await runKeyreeve(server.home, ["audit", "list", "--tenant", "demo", "--json"], ports);
    const rows = (JSON.parse(listed.stdout) as readonly AuditRow[]).toReversed();
    const operations = rows.map((row) => row.operation.replaceAll(/[\s-]/g, ""));
    const from = operations.indexOf("Create");
    t.strictSame(
      operations.slice(from).map((name) => name.toLowerCase()),
      toured.map((name) => name.toLowerCase()),
      "each step in its order",
    );
    t.ok(
      rows.slice(from).every((row) => row.outcome === "success"),
      "each a success",
    );
  },
);
