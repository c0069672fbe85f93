import t from "tap";
import { resultOf } from "#test/harness/output.js";

t.setTimeout(550_000);

const short = [
  ["cuts,slow,malformed", "--step", "12", "--patience", "3", "--malformed", "8"],
  ["fairness", "--seconds", "2", "--rounds", "1", "--loud", "16", "--keys", "600"],
] as const;

for (const [part, ...sizes] of short) {
  t.test(`a short run of ${part} finds nothing`, async (t) => {
    const { checks, passed, seed } = await resultOf("torture/network", ["--part", part, ...sizes, "--ignore-time"]);
    t.same(
      checks.filter(({ holds }) => !holds),
      [],
      `seed ${seed}`,
    );
    t.ok(passed);
  });
}
