import t, { type Test } from "tap";
import { resultOf } from "#test/harness/output.js";
import { parts } from "./parts.js";

t.setTimeout(550_000);

/** Why the tests of a part are left out; false where they are not. */
function skipped(part: "postgres" | "clock"): string | false {
  const obstacle = parts[part]?.obstacle() ?? null;
  return obstacle === null ? false : `THIS DID NOT RUN: ${obstacle}`;
}

/** Has one fault happen once, and tells the checks that fail. */
async function happens(t: Test, part: "postgres" | "clock", fault: string, faults: number): Promise<void> {
  const args = ["--part", part, "--fault", fault, "--clients", "1", "--ignore-time"];
  const { passed, checks, done } = await resultOf("torture/storage", args);
  t.same(
    checks.filter(({ holds }) => !holds),
    [],
  );
  t.ok(passed);
  t.equal(done["faults"], faults);
}

t.test(
  "a standby that lags is not served from under load, and the old PostgreSQL is when it is back",
  {
    skip: skipped("postgres"),
  },
  async (t) => happens(t, "postgres", "standby that lags", 1),
);

t.test(
  "a clock that steps ahead and back under load takes back no state and rotates what is due once",
  {
    skip: skipped("clock"),
  },
  async (t) => happens(t, "clock", "ahead by two hours", 2),
);
