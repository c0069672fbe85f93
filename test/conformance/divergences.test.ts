import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { Divergences } from "#conformance/divergences.js";
import { projectRoot } from "#test/support/server.js";

function pageOf(rows: string): Divergences {
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-divergences-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "divergences.md");
  writeFileSync(path, `# Divergences\n\n| case | shows | says |\n| --- | --- | --- |\n${rows}`);
  return Divergences.read(path);
}

t.test("a row stands for the versions it names, one by one or from one to another", async (t) => {
  const listed = pageOf("| TC-1 (1.1, 1.2) | a | §1 |\n| TC-ECC-3 (1.0 to 1.2) | b | §2 |\n");
  t.equal(listed.reasonFor("1.1", "TC-1-11"), "§1");
  t.equal(listed.reasonFor("1.2", "TC-ECC-3-12"), "§2");
  t.equal(listed.reasonFor("1.1", "TC-ECC-3-11"), "§2");
  t.equal(listed.reasonFor("1.0", "TC-1-10"), undefined, "another version");
  t.equal(listed.reasonFor("1.1", "TC-11-11"), undefined, "another case");
});

t.test("one row may name several cases", async (t) => {
  const listed = pageOf("| TC-SJ-2, TC-SJ-4 (1.2) | a | §1 |\n");
  t.equal(listed.reasonFor("1.2", "TC-SJ-2-12"), "§1");
  t.equal(listed.reasonFor("1.2", "TC-SJ-4-12"), "§1");
});

t.test("every row of the project's own page is understood", async (t) => {
  const { readFileSync } = await import("node:fs");
  const path = join(projectRoot, "docs/divergences.md");
  const listed = Divergences.read(path);
  const rows = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => /^\| (?!case|---)/.test(line));
  for (const row of rows) {
    const [, names = "", version = ""] = /^\| ([A-Z][A-Z0-9, -]*) \((\d\.\d)/.exec(row) ?? [];
    for (const name of names.split(", ")) t.ok(listed.reasonFor(version, `${name}-${version.replace(".", "")}`), row);
  }
});
