import { readFileSync } from "node:fs";
import { test } from "tap";
import { metricTable } from "#src/telemetry/metric-table.js";
import { metricsReference } from "#src/telemetry/reference.js";
import { sourceFiles } from "#test/support/source-files.js";

test("docs/metrics.md is what the table of metrics says (run `npm run docs`)", async (t) => {
  t.equal(readFileSync("docs/metrics.md", "utf8"), metricsReference());
});

test("every metric is fed by some part of the server", async (t) => {
  const server = sourceFiles().filter(({ path }) => path.startsWith("src/") && !path.startsWith("src/telemetry/"));
  for (const name of Object.keys(metricTable)) {
    t.ok(
      server.some(({ text }) => text.includes(`"${name}"`)),
      `${name} is fed`,
    );
  }
});
