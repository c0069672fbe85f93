// Reads the TAP of a test run from stdin: prints a line for each file, what its tests counted, each failure in full where it
// stands, what was skipped, and last `N passed, N failed`. Fails where a test failed or the run ended without a summary.
import { createInterface } from "node:readline";

const names = [];
const failuresInside = [];
const skips = new Map();
/** Beyond this a diagnosis is cut: tap lists every open handle of a test that ran out of time. */
const maximumLines = 60;
let summary = null;
/** The diagnosis that is being read: the indentation of its end, and whether it is shown. */
let diagnosis = null;
let failed = null;

const print = (text) => process.stdout.write(`${text}\n`);
const place = (level, name) => [...names.slice(0, level), name].join(" > ").replace(/^build\/(.*?)\.js/, "$1.ts");

function takeResult(level, passed, description) {
  const [, name = "", directive = "", reason = ""] =
    /^(.*?)(?: # (SKIP|TODO)\b(?: ?(.*?))?)?(?: # time=.*)?$/.exec(description) ?? [];
  const hasFailuresInside = (failuresInside[level + 1] ?? 0) > 0;
  failuresInside[level + 1] = 0;
  if (directive !== "") {
    const why = `${place(0, names[0])}: ${reason === "" ? name : reason}`;
    skips.set(why, (skips.get(why) ?? 0) + 1);
  }
  if (!passed && directive === "") failuresInside[level] = (failuresInside[level] ?? 0) + 1;
  // What failed only because of tests inside it has been told by them.
  if (!passed && directive === "" && !hasFailuresInside) print(`\nFAILED ${place(level, name)}`);
  failed = { level, show: !passed && directive === "" && !hasFailuresInside };
  if (level === 0) {
    const duration = /# time=([\d.]+)ms/.exec(description);
    const seconds = duration === null ? "" : ` ${(Number(duration[1]) / 1000).toFixed(1)} s`;
    print(`${passed ? "ok    " : "not ok"} ${place(0, name)}${seconds}`);
  }
}

function takeLine(line) {
  if (diagnosis !== null) {
    if (line === diagnosis.end) diagnosis = null;
    else if (diagnosis.show && ++diagnosis.lines <= maximumLines) print(line);
    return;
  }
  const level = Math.floor(/^ */.exec(line)[0].length / 4);
  const text = line.slice(level * 4);
  const result = /^(not )?ok \d+(?: - (.*))?$/.exec(text);
  const subtest = /^# Subtest: (.*)$/.exec(text);
  // What a test counted, such as how many published cases it played.
  const counted = level > 0 ? /^# (\d+ .*)$/.exec(text) : null;
  if (counted !== null) print(`       ${counted[1]}`);
  if (text === "  ---")
    diagnosis = { end: `${"    ".repeat(level)}  ...`, show: failed?.level === level && failed.show, lines: 0 };
  if (result !== null) takeResult(level, result[1] === undefined, result[2] ?? "");
  else failed = null;
  if (subtest !== null) names[level] = subtest[1];
  if (level === 0 && text.startsWith("# { total:")) summary = text;
  if (text.startsWith("Bail out!")) print(text);
}

for await (const line of createInterface({ input: process.stdin })) takeLine(line);

const count = (name) => Number(new RegExp(`${name}: (\\d+)`).exec(summary ?? "")?.[1] ?? 0);
if (summary === null) process.stderr.write("keyreeve: the test run ended without a summary\n");
if (skips.size > 0) print(`\n${count("skip")} skipped:`);
for (const [why, times] of skips) print(`  ${why}${times > 1 ? ` (${times} tests)` : ""}`);
print(`\n${count("pass")} passed, ${count("fail")} failed`);
process.exitCode = summary === null || count("fail") > 0 ? 1 : 0;
