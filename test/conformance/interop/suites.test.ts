import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { projectRoot } from "#conformance/interop/interop-server.js";
import { suites } from "#conformance/interop/suites.js";

const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

test("no two suites have one name", async (t) => {
  const names = suites.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
});

test("npm test installs what its suites need of Debian", async (t) => {
  const script = read("scripts/test.sh");
  const needed = suites.filter(({ speed }) => speed === "short").flatMap(({ debianPackages }) => debianPackages);
  t.strictSame(
    needed.filter(({ name, file }) => !script.includes(`\n${name} ${file}\n`)),
    [],
    "add them to need_test_packages of scripts/test.sh",
  );
});

test("every short suite is a test, too", async (t) => {
  for (const { name, speed } of suites) {
    if (speed === "short") t.match(read(`test/interop/${name}.test.ts`), /testInterop\(\w+Suite/);
  }
});
