import assert from "node:assert/strict";
import { test } from "tap";
import { type CheckResult, Checks } from "#conformance/interop/checks.js";

test("a check that throws has failed, says what was seen, and does not stop the suite", async (t) => {
  const heard: CheckResult[] = [];
  const checks = new Checks((result) => heard.push(result));
  t.equal(await checks.check("one is one", () => 1), 1);
  t.equal(await checks.check("one is two", () => assert.equal(1, 2)), undefined);
  t.strictSame(
    heard.map(({ name, passed }) => [name, passed]),
    [
      ["one is one", true],
      ["one is two", false],
    ],
  );
  t.match(heard[1]?.details, /1 !== 2/);
  t.strictSame(checks.results, heard);
});

test("lines of TAP are checks, with what stands below those that failed", async (t) => {
  const checks = new Checks(() => undefined);
  checks.recordTap("TAP version 13\nok 1 - the first\nnot ok 2 - the second\n  error: none\n1..2\n");
  t.match(checks.results, [
    { name: "the first", passed: true, details: "" },
    { name: "the second", passed: false, details: /error: none/ },
  ]);
  checks.recordTap("ok 1 - the third\n");
  t.equal(checks.results.length, 3, "the first line counts, too");
  t.throws(() => checks.recordTap("Traceback"), /no check was made: Traceback/);
});
