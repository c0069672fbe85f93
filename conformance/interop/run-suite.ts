import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CheckResult, Checks, detailsOf } from "./checks.js";
import type { Installed } from "./installing.js";
import { type InteropServer, startInteropServer } from "./interop-server.js";
import { Programs } from "./programs.js";
import type { InteropSuite } from "./suite.js";

/** How a suite ended. */
export interface SuiteResult {
  readonly suite: string;
  /** Whether it made checks and all of them passed. */
  readonly passed: boolean;
  readonly seconds: number;
  readonly checks: readonly CheckResult[];
}

/** What a run is told, beside the suite. */
export interface RunOptions {
  readonly installed: Installed;
  /** Makes the data directory of each server; a new one if left out. */
  readonly makeHome?: () => string;
  progress(text: string): void;
  /** Told of each check as it is made. */
  heard(result: CheckResult): void;
}

/** Short, as the paths of sockets below it must be. */
const newHome = (): string => mkdtempSync(join(tmpdir(), "keyreeve-"));

/** Runs a suite and cleans up after it, whatever happens. */
export async function runSuite(suite: InteropSuite, options: RunOptions): Promise<SuiteResult> {
  const started = Date.now();
  const checks = new Checks(options.heard);
  const programs = new Programs();
  const servers: InteropServer[] = [];
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-interop-"));
  try {
    await suite.run({
      checks,
      programs,
      folder,
      ...options.installed,
      progress: options.progress,
      startServer: async (wishes) => {
        const server = await startInteropServer(programs, (options.makeHome ?? newHome)(), wishes);
        servers.push(server);
        return server;
      },
    });
  } catch (error) {
    checks.record({ name: "the suite ran to its end", passed: false, details: detailsOf(error) });
  } finally {
    const failed = checks.results.some(({ passed }) => !passed);
    for (const server of servers) {
      if (failed) options.progress(`the end of the server's log:\n${server.output().slice(-4000)}`);
      await server.stop();
    }
    await programs.stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
  const { results } = checks;
  const passed = results.length > 0 && results.every((each) => each.passed);
  return { suite: suite.name, passed, seconds: (Date.now() - started) / 1000, checks: results };
}
