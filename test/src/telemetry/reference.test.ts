import { readFileSync } from "node:fs";
import { test } from "tap";
import { metricsReference } from "#src/telemetry/reference.js";

test("docs/metrics.md is what the table of metrics says (run `npm run docs`)", async (t) => {
  t.equal(readFileSync("docs/metrics.md", "utf8"), metricsReference());
});
