import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Test, test } from "tap";

interface Outcome {
  readonly status: number | null;
  readonly lines: readonly string[];
}

/** Runs files of these texts, in the order of their names. */
function run(t: Test, files: Readonly<Record<string, string>>, options: readonly string[] = ["--jobs=1"]): Outcome {
  const folder = t.testdir({ ...files });
  const paths = Object.keys(files).map((name) => join(folder, name));
  const { status, stdout } = spawnSync(process.execPath, ["scripts/run-tests.mjs", ...options, ...paths], {
    encoding: "utf8",
  });
  return {
    status,
    lines: stdout
      .replaceAll(`${folder}/`, "")
      .replaceAll(/time=\d+ms/g, "time=1ms")
      .split("\n"),
  };
}

/** A file that prints these lines. */
const printing = (...lines: readonly string[]): string => `console.log(${JSON.stringify(lines.join("\n"))});`;
const passing = printing("ok 1 - works", "1..1");
const summary = ({ lines }: Outcome): string | undefined => lines.find((line) => line.startsWith("# {"));

test("files that pass give one stream with their results inside and a summary", async (t) => {
  const outcome = run(t, { "one.mjs": passing, "two.mjs": printing("ok 1 - a", "ok 2 - b", "1..2") });
  t.equal(outcome.status, 0);
  t.same(outcome.lines, [
    "TAP version 14",
    "# Subtest: one.mjs",
    "    ok 1 - works",
    "    1..1",
    "ok 1 - one.mjs # time=1ms",
    "# Subtest: two.mjs",
    "    ok 1 - a",
    "    ok 2 - b",
    "    1..2",
    "ok 2 - two.mjs # time=1ms",
    "1..2",
    "# { total: 3, pass: 3 }",
    "# time=1ms",
    "",
  ]);
});

test("a test that holds others does not count beside them", async (t) => {
  const nested = ["# Subtest: group", "    ok 1 - a", "    not ok 2 - b", "    1..2", "not ok 1 - group", "1..1"];
  const outcome = run(t, { "one.mjs": printing(...nested) });
  t.equal(summary(outcome), "# { total: 2, pass: 1, fail: 1 }");
  t.equal(outcome.status, 1);
});

test("what is skipped or still to be done is no failure", async (t) => {
  const outcome = run(t, { "one.mjs": printing("ok 1 - a # SKIP not here", "not ok 2 - b # TODO later", "1..2") });
  t.equal(summary(outcome), "# { total: 2, pass: 0, skip: 1, todo: 1 }");
});

test("a file that is skipped as a whole says why", async (t) => {
  const outcome = run(t, { "one.mjs": printing("1..0 # no such device") });
  t.equal(outcome.status, 0);
  t.ok(outcome.lines.includes("ok 1 - one.mjs # SKIP no such device # time=1ms"));
  t.equal(summary(outcome), "# { total: 1, pass: 0, skip: 1 }");
});

const broken: Readonly<Record<string, readonly [text: string, reason: string]>> = {
  "ends without a plan": [printing("ok 1 - a"), "it ended without a plan"],
  "says nothing": ["", "it ended without a plan"],
  "ran fewer tests than it planned": [printing("1..2", "ok 1 - a"), "it planned 2 tests and ran 1"],
  "has no tests": [printing("1..0"), "it has no tests"],
  "ends with an error": [`${passing}process.exitCode = 3;`, "it ended with 3"],
  "is killed": [`${passing}setImmediate(() => process.kill(process.pid, "SIGKILL"));`, "it ended with SIGKILL"],
};
for (const [what, [text, reason]] of Object.entries(broken)) {
  test(`a file that ${what} has failed although none of its tests did`, async (t) => {
    const outcome = run(t, { "one.mjs": text, "two.mjs": passing });
    t.equal(outcome.status, 1);
    t.ok(outcome.lines.includes("not ok 1 - one.mjs # time=1ms"));
    t.ok(outcome.lines.includes(`  reason: ${JSON.stringify(reason)}`));
    t.match(summary(outcome), /fail: 1 /);
  });
}

test("a diagnosis is not read for results", async (t) => {
  const outcome = run(t, {
    "one.mjs": printing("ok 1 - a", "  ---", "  diff: |", "not ok 9 - part of it", "  ...", "1..1"),
  });
  t.equal(summary(outcome), "# { total: 1, pass: 1 }");
});

test("a run of no files has failed", async (t) => {
  t.equal(run(t, {}).status, 1);
});

test("a real test file that hangs is told to say what it waits for, and fails", async (t) => {
  const hanging = `import t from ${JSON.stringify(import.meta.resolve("tap"))};
    t.test("waits", () => new Promise(() => setInterval(() => undefined, 1000)));`;
  const outcome = run(t, { "one.mjs": hanging }, ["--timeout=1"]);
  t.equal(outcome.status, 1);
  t.ok(outcome.lines.some((line) => line.includes("timeout!")));
});

test("an option that there is not is refused in one line", async (t) => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/run-tests.mjs", "--job=1"], { encoding: "utf8" });
  t.equal(status, 2);
  t.match(stderr, /^Unknown option '--job'[^\n]*\n$/);
});
