/** `npm run interop -- SUITE …`: real clients against a server of their own. Without a name: lists the suites. */
import { parseArgs } from "node:util";
import { detailsOf } from "./checks.js";
import { install } from "./installing.js";
import { runSuite, type SuiteResult } from "./run-suite.js";
import type { InteropSuite } from "./suite.js";
import { suites } from "./suites.js";

/** The command line makes no sense. */
class UsageError extends Error {}

interface Options {
  readonly chosen: readonly InteropSuite[];
  readonly json: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { all: { type: "boolean" }, short: { type: "boolean" }, json: { type: "boolean" } },
  });
  const named = positionals.map((name) => {
    const suite = suites.find((each) => each.name === name);
    if (suite === undefined) throw new UsageError(`there is no suite ${name}`);
    return suite;
  });
  const short = values.short ? suites.filter(({ speed }) => speed === "short") : [];
  return { chosen: values.all ? suites : [...new Set([...short, ...named])], json: values.json ?? false };
}

function listing(): string {
  const width = Math.max(...suites.map(({ name }) => name.length));
  return suites.map(({ name, speed, proves }) => `${name.padEnd(width)}  ${speed.padEnd(5)}  ${proves}\n`).join("");
}

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

async function runOne(suite: InteropSuite): Promise<SuiteResult> {
  say(`${suite.name}: ${suite.proves}`);
  const progress = (text: string): void => void say(`${suite.name}: ${text}`);
  try {
    const installed = install(suite, progress);
    return await runSuite(suite, {
      installed,
      progress,
      heard: ({ name, passed, details }) => {
        say(`${passed ? "ok" : "NOT OK"}  ${name}`);
        if (!passed) say(details.replaceAll(/^/gm, "      "));
      },
    });
  } catch (error) {
    const details = error instanceof Error ? error.message : detailsOf(error);
    say(`NOT INSTALLED  ${details}`);
    const missing = { name: "what the suite needs is installed", passed: false, details };
    return { suite: suite.name, passed: false, seconds: 0, checks: [missing] };
  }
}

function verdict({ suite, passed, seconds, checks }: SuiteResult): string {
  const failed = checks.filter((check) => !check.passed).length;
  const counts = failed === 0 ? `${checks.length} checks` : `${failed} of ${checks.length} checks failed`;
  return `${passed ? "passed" : "FAILED"}  ${suite}: ${counts}, ${seconds.toFixed(1)} s\n`;
}

/** Gives the exit code: 1 where a check failed or something could not be installed. */
async function main(args: readonly string[]): Promise<number> {
  const { chosen, json } = readOptions(args);
  if (chosen.length === 0) {
    process.stdout.write(listing());
    return 0;
  }
  const results: SuiteResult[] = [];
  for (const suite of chosen) results.push(await runOne(suite));
  process.stdout.write(json ? `${JSON.stringify(results, undefined, 2)}\n` : results.map(verdict).join(""));
  return results.every(({ passed }) => passed) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`keyreeve: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
