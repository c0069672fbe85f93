import { readFileSync } from "node:fs";
import { test } from "tap";
import { configurationReference } from "#src/config/reference.js";

test("docs/configuration.md is what the schema says (run `npm run docs`)", async (t) => {
  t.equal(readFileSync("docs/configuration.md", "utf8"), configurationReference());
});

test("every key of the reference has a meaning and a value", async (t) => {
  const rows = configurationReference()
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  t.ok(rows.length > 50);
  for (const row of rows) t.notOk(row.slice(1, -1).includes(""), `${row[1]} is described`);
});
