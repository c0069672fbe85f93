import { join } from "node:path";
import t from "tap";
import { listCases, playedVersions } from "#conformance/catalogue.js";
import { openConnection } from "#conformance/connections.js";
import { Divergences } from "#conformance/divergences.js";
import { groupCases } from "#conformance/groups.js";
import { runCases } from "#conformance/runner.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import { clientFolder, projectRoot, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const ownCases = join(projectRoot, "conformance/cases");
const entries = listCases(ownCases, playedVersions);

const server = await startTestServer();
t.teardown(() => server.stop());
const files = readClientFiles(clientFolder(server.home));

for (const [transport, port] of [
  ["ttlv", server.kmipPort],
  ["json", server.httpsPort],
] as const) {
  t.test(`every case of our own passes over ${transport}`, async (t) => {
    const results = await runCases(groupCases(entries, ownCases), {
      server: { connect: () => openConnection(transport, { host: "localhost", port }, files) },
      divergences: Divergences.none,
      progress: () => undefined,
      sideBySide: false,
    });
    t.equal(results.length, entries.length);
    for (const { version, name, outcome, difference } of results) {
      t.equal(outcome, "passed", `${version} ${name}`, { difference });
    }
  });
}

t.test("every version has cases of our own", async (t) => {
  for (const version of playedVersions)
    t.ok(
      entries.some((entry) => entry.version === version),
      version,
    );
});
