// Runs test files side by side, each in a process of its own, and prints their TAP as one stream, file after file, with the
// summary `# { total: … }` that counts what was asserted. Fails where one failed.
//   node scripts/run-tests.mjs [--jobs=N] [--timeout=SECONDS] FILE…
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

function read() {
  const options = { jobs: { type: "string", default: "4" }, timeout: { type: "string", default: "1200" } };
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

const { values, positionals: files } = read();
const jobs = Number(values.jobs);
const timeout = Number(values.timeout);
/** A file that does not end itself at its time gets this long, in seconds, to say what it waits for. */
const grace = 30;
/** How long a process that a file has left behind may hold its output open, in milliseconds. */
const linger = 10_000;

const counts = { total: 0, pass: 0, fail: 0, skip: 0, todo: 0 };
let printed = 0;

function count(kind) {
  counts.total += 1;
  counts[kind] += 1;
}

/**
 * Counts the results of a file that hold no others; gives what keeps it from having passed, null where nothing does, and
 * why all of it was skipped.
 */
function judge(lines) {
  const inside = [];
  const own = { results: 0, failures: 0, planned: null, skipped: "" };
  let end = null;
  for (const line of lines) {
    if (end !== null) {
      if (line === end) end = null;
      continue;
    }
    const [, indentation, text] = /^((?: {4})*)(.*)$/s.exec(line);
    const level = indentation.length / 4;
    if (text === "  ---") end = `${indentation}  ...`;
    const plan = /^1\.\.(\d+)(?: # (?:SKIP )?(.*))?$/s.exec(text);
    if (plan !== null && level === 0) {
      own.planned = Number(plan[1]);
      own.skipped = plan[2] ?? "";
    }
    const result = /^(not )?ok \d+(?: - .*?)?(?: # (SKIP|TODO)\b.*)?$/s.exec(text);
    if (result === null) continue;
    const isBad = result[1] !== undefined && result[2] === undefined;
    if (inside[level + 1] !== true) count(result[2]?.toLowerCase() ?? (isBad ? "fail" : "pass"));
    inside[level + 1] = false;
    inside[level] = true;
    if (level > 0) continue;
    own.results += 1;
    if (isBad) own.failures += 1;
  }
  return { reason: reasonOf(own), skipped: own.skipped };
}

function reasonOf({ planned, results, failures, skipped }) {
  if (planned === null) return "it ended without a plan";
  if (planned !== results) return `it planned ${planned} tests and ran ${results}`;
  if (planned === 0 && skipped === "") return "it has no tests";
  return failures > 0 ? `${failures} of its tests failed` : null;
}

function print(file, { output, status, milliseconds }) {
  const lines = output.trimEnd().split("\n");
  const failuresBefore = counts.fail;
  const { reason: judged, skipped } = judge(lines);
  const reason = judged ?? (status === "0" ? null : `it ended with ${status}`);
  // A file that fails although none of its tests did counts as a failure of its own.
  if (reason !== null && counts.fail === failuresBefore) count("fail");
  if (reason === null && skipped !== "") count("skip");
  const directive = reason === null && skipped !== "" ? ` # SKIP ${skipped}` : "";
  printed += 1;
  const written = [
    `# Subtest: ${file}`,
    ...lines.map((line) => (line === "" ? "" : `    ${line}`)),
    `${reason === null ? "ok" : "not ok"} ${printed} - ${file}${directive} # time=${milliseconds}ms`,
  ];
  if (reason !== null) written.push("  ---", `  reason: ${JSON.stringify(reason)}`, `  ended: ${status}`, "  ...");
  process.stdout.write(`${written.join("\n")}\n`);
}

const running = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.kill(process.pid, signal);
  });
}

/** Runs one file to its end. What it writes to standard error is shown at once. */
function run(file) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, TAP: "1", TAP_TIMEOUT: String(timeout) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    running.add(child);
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    const kill = setTimeout(() => child.kill("SIGKILL"), (timeout + grace) * 1000);
    const end = (status) => {
      clearTimeout(kill);
      running.delete(child);
      resolve({ output: Buffer.concat(chunks).toString("utf8"), status, milliseconds: Date.now() - started });
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", () => setTimeout(() => child.stdout.destroy(), linger).unref());
    child.once("close", (code, signal) => end(String(code ?? signal)));
  });
}

process.stdout.write("TAP version 14\n");
const started = Date.now();
const waiting = [...files];
async function runAll() {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) print(file, await run(file));
}
await Promise.all(Array.from({ length: jobs }, runAll));
const told = Object.entries(counts).filter(([kind, number]) => number > 0 || kind === "total" || kind === "pass");
process.stdout.write(`1..${printed}\n# { ${told.map(([kind, number]) => `${kind}: ${number}`).join(", ")} }\n`);
process.stdout.write(`# time=${Date.now() - started}ms\n`);
process.exitCode = counts.fail > 0 || counts.total === 0 ? 1 : 0;
