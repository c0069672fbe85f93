import t from "tap";
import { install, missingPackages } from "#conformance/interop/installing.js";
import { runSuite } from "#conformance/interop/run-suite.js";
import type { InteropSuite } from "#conformance/interop/suite.js";
import { startedHome } from "./server.js";

/**
 * Runs a suite with a real client as a test, each of its checks an assertion. What it needs of Debian is installed by
 * `npm test`; where that is not there, the suite is skipped and says so.
 */
export function testInterop(suite: InteropSuite, seconds = 300): void {
  const missing = missingPackages(suite);
  const skip =
    missing.length === 0 ? false : `THE SUITE ${suite.name} DID NOT RUN: apt-get install ${missing.join(" ")}`;
  t.test(suite.proves, { skip, timeout: seconds * 1000 }, async (t) => {
    const progress = (text: string): void => t.comment(text);
    const { passed } = await runSuite(suite, {
      installed: install(suite, progress),
      makeHome: startedHome,
      progress,
      heard: (check) => void t.ok(check.passed, check.name, check.passed ? {} : { details: check.details }),
    });
    t.ok(passed, `the suite ${suite.name} passes`);
  });
}
