import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { vectorsFolder } from "#conformance/catalogue.js";
import { projectRoot } from "#test/support/server.js";

t.setTimeout(550_000);

interface Played {
  readonly table: readonly { readonly version: string; readonly profile: string; readonly passed: number }[];
  readonly cases: readonly {
    readonly version: string;
    readonly name: string;
    readonly outcome: string;
    readonly difference?: unknown;
  }[];
}

/** Plays all cases against a server of its own, versions side by side, each in a tenant of its own. */
async function playAll(folder: string): Promise<Played> {
  const program = join(projectRoot, "build/conformance/main.js");
  const child = spawn(process.execPath, [program, "--vectors", folder, "--json"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    written += chunk;
  });
  await once(child, "close");
  return JSON.parse(written) as Played;
}

const folder = vectorsFolder(undefined, process.env);
const skip = existsSync(folder) ? false : "THE OASIS TEST CASES ARE NOT THERE (KEYREEVE_VECTORS): NONE WAS PLAYED";

t.test("every OASIS test case passes, but for those listed in docs/divergences.md", { skip }, async (t) => {
  const { cases } = await playAll(folder);
  t.comment(`${cases.length} OASIS test cases were played`);
  t.ok(cases.length > 0);
  for (const { version, name, outcome, difference } of cases) {
    t.ok(["passed", "divergence"].includes(outcome), `${version} ${name}`, { difference });
  }
});
