import t from "tap";
import { outputOf } from "./harness-output.js";
import { noLoopDisk } from "./loop-disk.js";

t.setTimeout(550_000);

const noDisk = noLoopDisk();

t.test("nothing acknowledged is lost when the power is cut under load", { skip: noDisk ?? false }, async (t) => {
  const stdout = await outputOf(["--turns", "1", "--kills", "0", "--cuts", "5"]);
  t.match(stdout, /^torture:crash passed in .* 5 power cuts, /m);
});
