import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { clientFolder, projectRoot, runKeyreeve, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const server = await startTestServer();
const vectors = mkdtempSync(join(tmpdir(), "keyreeve-vectors-"));
t.teardown(async () => {
  await server.stop();
  rmSync(vectors, { recursive: true, force: true });
});

const published = join(projectRoot, "test/conformance/data/round-trip.xml");
const profile = join(vectors, "1.2/mandatory");
mkdirSync(profile, { recursive: true });
cpSync(published, join(profile, "ROUND-12.xml"));
const other = readFileSync(published, "utf8").replaceAll('value="000102030405060708090a0b0c0d0e0f"/', 'value="00"/');
writeFileSync(join(profile, "OTHER-12.xml"), other);

const identity = clientFolder(server.home);
const play = (transport: string, ...args: readonly string[]) => {
  const port = transport === "ttlv" ? server.kmipPort : server.httpsPort;
  const target = ["--server", `localhost:${port}`, "--identity", identity, "--transport", transport];
  return runKeyreeve(server.home, ["conformance", "--vectors", vectors, ...target, ...args]);
};

t.test("cases are played against a running server over every transport", async (t) => {
  for (const transport of ["ttlv", "https", "xml", "json"]) {
    const { code, stdout, stderr } = await play(transport, "--case", "ROUND");
    t.equal(code, 0, stderr + stdout);
    t.match(stdout, /1\.2 +mandatory +1 +0 +0 +0/);
    t.match(stderr, /1\/1 passed: 1\.2\/mandatory\/ROUND-12/, "progress is told");
  }
});

t.test("a case that fails is told with its first difference, as text, JSON and page", async (t) => {
  const output = join(vectors, "results.md");
  const { code, stdout } = await play("ttlv", "--json", "--output", output);
  t.equal(code, 1);
  const { table, cases } = JSON.parse(stdout);
  t.match(table, [{ version: "1.2", profile: "mandatory", passed: 1, failed: 1 }]);
  t.match(cases, [{ name: "OTHER-12", outcome: "failed", difference: { path: /./ } }, { outcome: "passed" }]);
  t.match(readFileSync(output, "utf8"), /\| 1\.2 OTHER-12 \|/);
});

t.test("a command line that makes no sense is refused with what is wrong", async (t) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--vectors", "/nowhere"], /there is no folder \/nowhere/],
    [["--vectors", vectors, "--case", "NOTHING"], /no case of/],
    [["--vectors", vectors, "--server", "localhost"], /--server needs --identity/],
    [["--transport", "carrier-pigeon"], /Allowed choices are ttlv, https, xml, json/],
  ];
  for (const [args, words] of wrong) {
    const { code, stderr } = await runKeyreeve(server.home, ["conformance", ...args]);
    t.equal(code, 2);
    t.match(stderr, words);
  }
});

t.test("without a server to play against, one is started for the while", async (t) => {
  const { code, stdout, stderr } = await runKeyreeve(server.home, [
    "conformance",
    "--vectors",
    vectors,
    "--case",
    "ROUND",
  ]);
  t.equal(code, 0, stderr + stdout);
});
