/** Takes longest of all tests, so it stands where the runner, which goes by the names of folders, begins. */
import t from "tap";
import { outputOf } from "#test/harness/output.js";
import { postgresPrograms } from "#test/support/postgres.js";

t.setTimeout(1_100_000);

t.test("nothing acknowledged is lost when the server is killed under load", async (t) => {
  // How long a start takes on a machine with much else to do says nothing of the server.
  const database = postgresPrograms() === null ? "sqlite" : "both";
  const args = `--database ${database} --others 4 --ignore-time --turns 4 --cuts 0`.split(" ");
  t.match(await outputOf("torture/crash", args), /^torture:crash passed in .* 25 kills of the server, /m);
});
