import { existsSync } from "node:fs";
import { test } from "tap";
import type { CheckResult } from "#conformance/interop/checks.js";
import { runSuite, type SuiteResult } from "#conformance/interop/run-suite.js";
import type { InteropSuite, SuiteContext } from "#conformance/interop/suite.js";
import { startedHome } from "#test/support/server.js";

function play(run: (context: SuiteContext) => Promise<void>): Promise<SuiteResult> {
  const suite: InteropSuite = { name: "example", proves: "nothing", speed: "short", debianPackages: [], run };
  return runSuite(suite, {
    installed: { nodeFolder: "", rustProgram: "" },
    makeHome: startedHome,
    progress: () => undefined,
    heard: (_: CheckResult) => undefined,
  });
}

test("a suite that made no check has not passed", async (t) => {
  t.match(await play(async () => undefined), { suite: "example", passed: false, checks: [] });
});

test("a suite that breaks off has failed, and says where", async (t) => {
  const result = await play(async ({ checks }) => {
    await checks.check("a first step", () => undefined);
    throw new Error("the second step broke");
  });
  t.match(result, { passed: false, checks: [{ passed: true }, { passed: false, details: /the second step broke/ }] });
});

test("after a suite its server, its programs and its folders are gone", async (t) => {
  const places: string[] = [];
  let stopped = false;
  const result = await play(async ({ checks, folder, programs, startServer }) => {
    const server = await startServer();
    places.push(folder, server.home);
    programs.start("sleep", ["600"]).process.once("exit", () => {
      stopped = true;
    });
    await checks.check("the audit trail can be read", async () => {
      t.ok((await server.auditRows("server")).length > 0);
    });
    const client = await server.issueClient("second");
    await checks.check("files of a client are there", () => t.ok(existsSync(client.both)));
  });
  t.equal(result.passed, true);
  t.ok(stopped);
  t.strictSame(places.map(existsSync), [false, false]);
});
