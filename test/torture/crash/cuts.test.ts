import t from "tap";
import { outputOf } from "#test/harness/output.js";
import { noLoopDisk } from "./loop-disk.js";

t.setTimeout(550_000);

const noDisk = noLoopDisk();

t.test("nothing acknowledged is lost when the power is cut under load", { skip: noDisk ?? false }, async (t) => {
  const args = "--database sqlite --others 0 --ignore-time --turns 1 --kills 0 --cuts 5".split(" ");
  t.match(await outputOf("torture/crash", args), /^torture:crash passed in .* 5 power cuts, /m);
});
