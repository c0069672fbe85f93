import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import t from "tap";
import { clientFolder, projectRoot, startTestServer } from "#test/support/server.js";

const python = "/usr/bin/python3";

const isInstalled = spawnSync(python, ["-c", "import kmip"]).status === 0;

const skip = isInstalled ? false : "PYKMIP IS NOT INSTALLED (apt-get install python3-pykmip): THESE TESTS DID NOT RUN";

interface Run {
  readonly code: number | null;
  readonly output: string;
}

async function runPython(args: readonly string[]): Promise<Run> {
  const child = spawn(python, [...args], { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : null, output };
}

interface Line {
  readonly passed: boolean;
  readonly sentence: string;
  readonly details: string;
}

function tapLines(output: string): readonly Line[] {
  return output
    .split(/^(?=(?:not )?ok \d+ - )/m)
    .slice(1)
    .map((part) => {
      const [head = "", ...details] = part.split("\n");
      const sentence = head.replace(/^(?:not )?ok \d+ - /, "");
      return { passed: head.startsWith("ok"), sentence, details: details.join("\n") };
    });
}

t.test("an unmodified PyKMIP client works against the server", { skip, timeout: 300_000 }, async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const configuration = join(clientFolder(server.home), "pykmip.conf");

  const { code, output } = await runPython([join(projectRoot, "test/interop/pykmip/main.py"), configuration]);
  const lines = tapLines(output);
  for (const { passed, sentence, details } of lines) t.ok(passed, sentence, passed ? {} : { details });
  t.ok(lines.length > 210, "every behaviour ran in every version", { output: lines.length > 0 ? "" : output });
  t.equal(code, lines.every(({ passed }) => passed) ? 0 : 1, "the suite ended in order");

  const tour = await runPython([join(projectRoot, "examples/pykmip_tour.py"), configuration]);
  t.equal(tour.code, 0, "the tour of the README ends in order", { output: tour.output });
  const steps = ["create", "activate", "locate", "get", "encrypt", "decrypt", "rekey", "revoke", "destroy"];
  t.strictSame(
    tour.output
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]),
    steps,
    "the tour shows every step",
  );
});
