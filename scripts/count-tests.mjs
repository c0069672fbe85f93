// Prints `N passed, N failed` from the last summary of a TAP file; fails where a test failed or no summary stands there.
import { existsSync, readFileSync } from "node:fs";

const [file = ""] = process.argv.slice(2);
const text = existsSync(file) ? readFileSync(file, "utf8") : "";
const summary = [...text.matchAll(/^# \{ total: (\d+)(?<counts>[^}]*)\}/gm)].at(-1);
const count = (name) => Number(new RegExp(`${name}: (\\d+)`).exec(summary?.groups?.counts ?? "")?.[1] ?? 0);
const skipped = count("skip");

if (summary === undefined) process.stderr.write("keyreeve: the test run ended without a summary\n");
// tap leaves the cursor in the middle of a line.
process.stdout.write(skipped > 0 ? `\n${skipped} skipped\n` : "\n");
process.stdout.write(`${count("pass")} passed, ${count("fail")} failed\n`);
process.exitCode = summary === undefined || count("fail") > 0 ? 1 : 0;
