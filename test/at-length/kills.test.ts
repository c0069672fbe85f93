/** Takes longest of all tests, so it stands where the runner, which goes by the names of folders, begins. */
import t from "tap";
import { outputOf } from "#test/harness/output.js";

t.setTimeout(1_100_000);

t.test("nothing acknowledged is lost when the server is killed under load", async (t) => {
  // How long a start takes on a machine with much else to do says nothing of the server.
  const args = "--database sqlite --others 0 --ignore-time --turns 2 --cuts 0".split(" ");
  t.match(await outputOf("torture/crash", args), /^torture:crash passed in .* 25 kills of the server, /m);
});
