import { spawnSync } from "node:child_process";
import { test } from "tap";

const file = "# Subtest: build/test/one.test.js\n";
const inside = (...lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join("");
const summary = (counts: string): string => `# { ${counts} }\n# time=12.5ms\n`;

function report(tap: string): { status: number | null; lines: readonly string[] } {
  const { status, stdout } = spawnSync(process.execPath, ["scripts/report-tests.mjs"], {
    input: tap,
    encoding: "utf8",
  });
  return { status, lines: stdout.trim().split("\n") };
}

test("a run that passes gives a line for each file and the count alone on the last line", async (t) => {
  const passed = inside("ok 1 - works # time=1ms", "1..1");
  const { status, lines } = report(
    `${file}${passed}ok 1 - build/test/one.test.js # time=1234.5ms\n${summary("total: 1, pass: 1")}`,
  );
  t.equal(status, 0);
  t.same(lines, ["ok     test/one.test.ts 1.2 s", "", "1 passed, 0 failed"]);
});

test("what a test counted is shown", async (t) => {
  const counted = inside(
    "# Subtest: cases",
    "    # 389 cases were played",
    "    1..1",
    "ok 1 - cases # time=1ms",
    "1..1",
  );
  const { lines } = report(
    `${file}${counted}ok 1 - build/test/one.test.js # time=1234.5ms\n${summary("total: 1, pass: 1")}`,
  );
  t.equal(lines[0]?.trim(), "389 cases were played");
});

test("a failure is shown once, with the tests it stands in and its diagnosis", async (t) => {
  const failed = inside(
    "# Subtest: group",
    "    not ok 1 - adds up",
    "      ---",
    "      diff: |",
    "        not ok 9 - is part of the diff",
    "      ...",
    "    1..1",
    "not ok 1 - group # time=1ms",
    "  ---",
    "  isToplevel: true",
    "  ...",
  );
  const { status, lines } = report(
    `${file}${failed}not ok 1 - build/test/one.test.js\n${summary("total: 3, pass: 2, fail: 1")}`,
  );
  t.equal(status, 1);
  t.equal(lines.filter((line) => line.startsWith("FAILED")).length, 1);
  t.ok(lines.includes("FAILED test/one.test.ts > group > adds up"));
  t.ok(lines.some((line) => line.includes("is part of the diff")));
  t.notOk(lines.some((line) => line.includes("isToplevel")));
  t.equal(lines.at(-1), "2 passed, 1 failed");
});

test("a file that fails without a failed test is shown", async (t) => {
  const { status, lines } = report(
    `${file}not ok 1 - build/test/one.test.js\n  ---\n  exitCode: 1\n  ...\n${summary("total: 1, pass: 0, fail: 1")}`,
  );
  t.equal(status, 1);
  t.ok(lines.includes("FAILED test/one.test.ts"));
  t.ok(lines.some((line) => line.includes("exitCode: 1")));
});

test("skipped tests are counted by file and reason and are no failures", async (t) => {
  const skipped = inside("ok 1 - a # SKIP not here", "ok 2 - b # SKIP not here", "1..2");
  const { status, lines } = report(
    `${file}${skipped}ok 1 - build/test/one.test.js\n${summary("total: 3, pass: 1, skip: 2")}`,
  );
  t.equal(status, 0);
  t.ok(lines.includes("2 skipped:"));
  t.ok(lines.includes("  test/one.test.ts: not here (2 tests)"));
  t.equal(lines.at(-1), "1 passed, 0 failed");
});

test("only the summary of the whole run counts", async (t) => {
  const { lines } = report(
    `${file}${inside("# { total: 9, pass: 9 }")}ok 1 - build/test/one.test.js\n${summary("total: 4, pass: 4")}`,
  );
  t.equal(lines.at(-1), "4 passed, 0 failed");
});

test("a run without a summary has failed", async (t) => {
  const { status, lines } = report(`${file}ok 1 - build/test/one.test.js\n`);
  t.equal(status, 1);
  t.equal(lines.at(-1), "0 passed, 0 failed");
});
