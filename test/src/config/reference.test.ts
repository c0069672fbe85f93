import { readFileSync } from "node:fs";
import { test } from "tap";
import { configurationReference } from "#src/config/reference.js";
import { sourceFiles } from "#test/support/source-files.js";

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

test("every key is read by some part of the server", async (t) => {
  const keys = [...configurationReference().matchAll(/^\| `[a-zA-Z.[\]]+\.([a-zA-Z]+)`/gm)].map(([, key]) => key ?? "");
  const elsewhere = /^(?!src\/config\/(schema|limits|reference)\.ts)(src|storage)\//;
  const text = sourceFiles().map((file) => (elsewhere.test(file.path) ? file.text : ""));
  const words = new Set(text.join("\n").match(/[A-Za-z]+/g));
  t.same(
    keys.filter((key) => !words.has(key)),
    [],
  );
});
