import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { runKeyreeve, startTestServer, temporaryHome } from "#test/support/server.js";
import { alter } from "#test/support/tamper.js";

/** A data directory that is gone when all is tested. */
function emptyHome(): string {
  const home = temporaryHome();
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  return home;
}

// Dozens of processes are started one after the other, on machines that may be busy.
t.setTimeout(550_000);
const patient = { timeout: 500_000 };

/** What is different at each run: times, identifiers and what the server is doing. */
const changing: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?/g, "TIME"],
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID"],
  [/\b[0-9a-f]{64}\b/g, "HASH"],
  [/keyreeve-[0-9a-f]{8}/g, "LABEL"],
  [/\b[0-9a-f]{16}\b/g, "SERIAL"],
  [/"sourceAddress":"?[^,]*/g, '"sourceAddress":ADDRESS'],
  [/"certificateFingerprint":"?[^,]*/g, '"certificateFingerprint":FINGERPRINT'],
  [/\b(admin|local)\b/g, "ACTOR"],
  [/"(rows|checkpoints)": \d+/g, '"$1": NUMBER'],
  [/ {2,}/g, "  "],
];
const steady = (text: string): string => changing.reduce((left, [pattern, word]) => left.replace(pattern, word), text);

/** Each command line, run one after the other on a home of its own. */
const lines: readonly string[] = [
  "tenant create acme --custody token",
  "tenant set acme --interoperability-tests on",
  "tenant suspend acme --json",
  "tenant suspend acme",
  "tenant resume acme",
  "client issue backup --tenant acme --days 30",
  "client credential set backup --tenant acme --username backup --password-file .gitignore --json",
  "client credential list backup --tenant acme",
  "client credential remove backup --tenant acme --username backup",
  "tenant destination add keeper --tenant acme --client backup --subscribe State --json",
  "tenant destination list --tenant acme",
  "put 00000000-0000-4000-8000-000000000000 --tenant acme --destination keeper",
  "tenant destination remove keeper --tenant acme",
  "client pending",
  "client accept 0123456789abcdef --tenant acme",
  "tenant trust list --tenant acme",
  "client revoke backup --tenant acme",
  "client list --json",
  "audit list --tenant acme",
  "audit verify --tenant acme --json",
  "audit export --tenant acme",
  "hsm info --tenant demo",
];

type Outcome = Awaited<ReturnType<typeof runKeyreeve>>;

async function runAll(home: string): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const line of lines) outcomes.push(await runKeyreeve(home, line.split(" ")));
  return outcomes;
}

const homeOutput = (outcome: Outcome, home: string) => ({
  code: outcome.code,
  stdout: steady(outcome.stdout.replaceAll(home, "HOME")),
  stderr: steady(outcome.stderr.replaceAll(home, "HOME")),
});

/** A SoftHSM token of somebody else's making, and the configuration that lets workers find it. */
function foreignToken(home: string): { serial: string; environment: Record<string, string>; pinFile: string } {
  const folder = join(home, "foreign");
  mkdirSync(join(folder, "tokens"), { recursive: true });
  const settings = join(folder, "softhsm2.conf");
  writeFileSync(settings, `directories.tokendir = ${join(folder, "tokens")}\n`);
  writeFileSync(join(home, "keyreeve.yaml"), "hsm:\n  environment: [SOFTHSM2_CONF]\n");
  const environment = { SOFTHSM2_CONF: settings };
  const softhsm = (...words: readonly string[]) =>
    execFileSync("softhsm2-util", words, { env: { ...process.env, ...environment }, encoding: "utf8" });
  softhsm("--init-token", "--free", "--label", "foreign", "--pin", "1234567", "--so-pin", "7654321");
  const serial = /Serial number: +([0-9a-f]{16})/.exec(softhsm("--show-slots"))?.[1] ?? "";
  const pinFile = join(folder, "pin");
  writeFileSync(pinFile, "1234567\n");
  return { serial, environment, pinFile };
}

t.test("every command prints the same with a running server as without one", patient, async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const home = emptyHome();
  t.match(await runKeyreeve(home, ["init"]), { code: 0, stdout: /is ready/ });
  const [through, direct] = await Promise.all([runAll(server.home), runAll(home)]);
  for (const [index, line] of lines.entries()) {
    const [one, other] = [through[index], direct[index]];
    if (one === undefined || other === undefined) throw new RangeError("a command did not run");
    t.same(homeOutput(one, server.home), homeOutput(other, home), line);
  }
  const failed = lines.filter((_line, index) => through[index]?.code === 1);
  t.same(failed, [
    "tenant suspend acme",
    "put 00000000-0000-4000-8000-000000000000 --tenant acme --destination keeper",
    "client accept 0123456789abcdef --tenant acme",
  ]);
});

t.test("on one data directory", patient, async (t) => {
  const home = emptyHome();
  await runKeyreeve(home, ["init"]);
  const configuration = { client: "better-sqlite3", filename: join(home, "keyreeve.db"), nodeId: "test" } as const;

  await t.test("the files of the first client are their owner's alone", async (t) => {
    const folder = join(home, "clients", "demo", "demo-client");
    t.same(readdirSync(folder).sort(), [
      "README.txt",
      "ca.crt",
      "chain.crt",
      "client.crt",
      "client.key",
      "client.pem",
      "pykmip.conf",
    ]);
    for (const file of readdirSync(folder)) t.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    t.match(readFileSync(join(folder, "pykmip.conf"), "utf8"), /^host=localhost\nport=5696$/m);
  });

  await t.test("status says that no server runs, and fails", async (t) => {
    t.match(await runKeyreeve(home, ["status"]), { code: 1, stdout: /Server: +not running/ });
  });

  await t.test("audit verify says that the chain is whole", async (t) => {
    t.match(await runKeyreeve(home, ["audit", "verify"]), { code: 0, stdout: /^the chain is whole \(2 chains\)$/m });
  });

  await t.test("audit list gives programs an array with every field of a row", async (t) => {
    const { stdout } = await runKeyreeve(home, ["audit", "list", "--json", "--limit", "1"]);
    t.same(Object.keys(JSON.parse(stdout)[0]).sort(), [
      "certificateFingerprint",
      "clientId",
      "clientName",
      "correlationId",
      "detail",
      "durationMicroseconds",
      "eventId",
      "hash",
      "nodeId",
      "objectId",
      "operation",
      "outcome",
      "partition",
      "previousHash",
      "protocolVersion",
      "resultReason",
      "sequence",
      "sourceAddress",
      "tenant",
      "tenantId",
      "time",
    ]);
  });

  await t.test("audit export writes a file for its owner alone", async (t) => {
    const file = join(home, "trail.jsonl");
    t.match(await runKeyreeve(home, ["audit", "export", "--output", file]), { code: 0, stdout: "" });
    const rows = readFileSync(file, "utf8").trim().split("\n");
    t.match(JSON.parse(rows[0] ?? ""), { operation: /^(Create Tenant|Issue Operator)$/, sequence: 1 });
    t.equal(statSync(file).mode & 0o777, 0o600);
    const elsewhere = await runKeyreeve(home, ["audit", "export", "--output", join(home, "nowhere", "trail.jsonl")]);
    t.match(elsewhere, { code: 1, stderr: /^keyreeve: ENOENT/ });
  });

  await t.test("output that goes nowhere is in no colour", async (t) => {
    t.notMatch((await runKeyreeve(home, ["tenant", "list"])).stdout, "\u001b");
  });

  await t.test("a tenant is bound to a token that exists, and not with a wrong PIN or serial number", async (t) => {
    const { serial, environment, pinFile } = foreignToken(home);
    const bind = (name: string, ...options: readonly string[]) =>
      runKeyreeve(home, ["tenant", "create", name, "--token-label", "foreign", ...options], environment);
    const wrongPin = join(home, "wrong-pin");
    writeFileSync(wrongPin, "0000");
    t.match(await bind("wrong", "--token-serial", serial, "--pin-file", wrongPin), { code: 1, stderr: /PIN/ });
    t.match(await bind("wrong", "--token-serial", "00", "--pin-file", pinFile), {
      code: 1,
      stderr: /no token labelled/,
    });
    t.match(await bind("bound", "--token-serial", serial, "--pin-file", pinFile, "--custody", "token", "--json"), {
      code: 0,
      stdout: /"tokenLabel": "foreign"/,
    });
    t.match(await runKeyreeve(home, ["hsm", "info", "--tenant", "bound"], environment), { code: 0, stdout: serial });
  });

  await t.test("audit verify names the first bad row of a chain that was altered, and fails", async (t) => {
    await alter(configuration, "update audit set client_name = 'nobody' where operation = 'Issue Client'");
    const told = await runKeyreeve(home, ["audit", "verify"]);
    t.match(told, {
      code: 1,
      stdout: /^demo \(node node-1\): 1 row whole.*\n {2}BROKEN: row 2 was changed after it was written$/m,
    });
    t.match(told.stdout, /^1 of 3 chains broken$/m);
    const { code, stdout } = await runKeyreeve(home, ["audit", "verify", "--tenant", "demo", "--json"]);
    t.equal(code, 1);
    t.match(JSON.parse(stdout), [{ tenant: "demo", rows: 1, fault: { kind: "changed", sequence: 2 } }]);
  });
});

t.test("commands make no data directory where there is none", async (t) => {
  const home = emptyHome();
  t.match(await runKeyreeve(home, ["tenant", "list"]), {
    code: 1,
    stderr: /is no data directory yet; run "keyreeve init"/,
  });
  t.same(readdirSync(home), []);
});

t.test("a configuration with mistakes is refused with all of them", async (t) => {
  const home = emptyHome();
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "keyreeve.yaml"), "kmip:\n  port: 70000\n  hots: x\n");
  const { code, stderr } = await runKeyreeve(home, ["init"]);
  t.equal(code, 1);
  t.match(stderr, /kmip\.port: must be at most 65535/);
  t.match(stderr, /kmip\.hots: no such key/);
  t.notMatch(stderr, / at .*\.js:/);
});
