/** Takes longest of all tests, so it stands where the runner, which goes by the names of folders, begins. */
import t from "tap";
import { outputOf } from "#test/torture/crash/harness-output.js";

t.setTimeout(1_100_000);

t.test("nothing acknowledged is lost when the server is killed under load", async (t) => {
  const stdout = await outputOf(["--turns", "2", "--cuts", "0"]);
  t.match(stdout, /^torture:crash passed in .* 25 kills of the server, /m);
});
