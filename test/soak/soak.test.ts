import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { projectRoot } from "#test/support/server.js";
import { type Growth, growthOf } from "./sample.js";

const program = join(projectRoot, "build/test/soak/main.js");

t.test("a short soak answers everything and leaves sessions, handles and files as they were", async (t) => {
  const args = [program, "--requests", "3000", "--connections", "8", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: unknown) => {
    if (error instanceof Error && "stdout" in error) return { stdout: String(error.stdout) };
    throw error;
  });
  const { failures, requests, growth } = JSON.parse(stdout) as {
    failures: readonly string[];
    requests: number;
    growth: readonly Growth[];
  };
  t.same(failures, []);
  t.ok(requests >= 3000);
  // In so short a run memory still grows to its size.
  for (const { name, before, after, allowed } of growth.filter((one) => !one.name.includes("memory"))) {
    t.ok(after - before <= allowed, `${name}: ${before}, then ${after}`);
  }
});

t.test("what grows is told", (t) => {
  const samples = Array.from({ length: 40 }, (_, index) => ({
    requests: index,
    serverBytes: 100 * 1024 * 1024,
    workerBytes: 50 * 1024 * 1024,
    files: 30,
    sessions: 4 + index,
    sessionObjects: 10,
  }));
  const grown = growthOf(samples).filter(({ before, after, allowed }) => after - before > allowed);
  t.same(
    grown.map(({ name }) => name),
    ["sessions"],
  );
  t.end();
});
