import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { auditTable } from "#storage/audit-tables.js";
import { startedHome, startTestServer } from "#test/support/server.js";
import { alter } from "#test/support/tamper.js";
import { type CheckedServer, Checker } from "./checker.js";
import type { EndedLine, JournalLine, SentLine } from "./journal.js";
import { Load } from "./load.js";
import { makeLoadTenant } from "./load-tenants.js";
import { loadMarker } from "./move.js";

t.setTimeout(550_000);

const home = startedHome();
const journals = mkdtempSync(join(tmpdir(), "keyreeve-journals-"));
let server = await startTestServer({ home });
const tenants = [
  await makeLoadTenant(server, "kept-wrapped", "wrapped"),
  await makeLoadTenant(server, "kept-in-token", "token"),
];
const database = { client: "better-sqlite3", filename: join(home, "keyreeve.db"), nodeId: "checker" } as const;
const checked = (): CheckedServer => {
  const { kmipPort, adminPort, output } = server;
  return { home, kmipPort, adminPort, database, tenants, output };
};
const load = await Load.start({ seed: 1, port: () => server.kmipPort, tenants, clients: 2, journals });
const checker = Checker.following(journals, 1);
const everything = { older: "all" } as const;
t.teardown(async () => {
  await load.stop();
  await server.stop();
  rmSync(journals, { recursive: true, force: true });
});

async function untilAcknowledged(count: number): Promise<void> {
  while (load.counts.acknowledged < count) await pause(20);
}

const changedInCopy: Readonly<Record<string, string>> = {
  event_id: "'second'",
  outcome: "'failure'",
  node_id: "'elsewhere'",
};

/** What a checker that has seen nothing before says, by invariant. */
async function found(): Promise<readonly string[]> {
  const { findings } = await Checker.following(journals, 1).check(checked(), everything);
  return findings.map(({ invariant, what }) => `${invariant} ${what}`);
}

t.test("a server that was killed under load is as the journals say", async (t) => {
  await untilAcknowledged(80);
  server.process.kill("SIGKILL");
  await load.pause();
  await server.kill();
  server = await startTestServer({ home });
  const killed = await checker.check(checked(), everything);
  t.same(killed.findings, []);
  t.same(killed.counts, load.counts);
  load.resume();
  await untilAcknowledged(120);
  await load.pause();
  const { findings, keys } = await checker.check(checked(), { older: 3, scan: "sample" });
  t.same(findings, []);
  t.ok(keys < checker.counts.sent);
});

function lines(): readonly JournalLine[] {
  return readdirSync(journals).flatMap((name) =>
    readFileSync(join(journals, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as JournalLine),
  );
}

/** A Create that was acknowledged, of a key that is not destroyed or replaced. */
function aCreate(): { readonly sent: SentLine; readonly ended: EndedLine } {
  const all = lines();
  const sentLines = all.filter((line): line is SentLine => line.line === "sent");
  const left = new Set(sentLines.filter(({ move }) => move === "destroy" || move === "reKey").map(({ key }) => key));
  for (const ended of all) {
    if (ended.line !== "ended" || ended.outcome !== "acknowledged") continue;
    const sent = sentLines.find(({ id }) => id === ended.id);
    if (sent?.move === "create" && !left.has(sent.key)) return { sent, ended };
  }
  throw new RangeError("no such Create");
}

t.test("an acknowledgement that the server does not know of is found", async (t) => {
  const file = join(journals, "false.journal");
  const { sent, ended } = aCreate();
  const forged = [
    { ...sent, id: "forged", key: "forged" },
    { ...ended, id: "forged", got: { id: "forged" } },
  ];
  writeFileSync(file, forged.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const wrong = await found();
  t.ok(wrong.some((line) => line.startsWith("I1") && line.includes("forged")));
  t.ok(wrong.some((line) => line.startsWith("I2") && line.includes("forged")));
  rmSync(file);
});

t.test("an answer about an object of another tenant is found", async (t) => {
  const file = join(journals, "false.journal");
  const { sent, ended } = aCreate();
  appendFileSync(file, `${JSON.stringify({ ...sent, id: "crossed", move: "trespass" })}\n`);
  appendFileSync(file, `${JSON.stringify({ ...ended, id: "crossed", got: {}, wrong: "of another tenant" })}\n`);
  t.ok((await found()).some((line) => line.startsWith("I7")));
  rmSync(file);
});

t.test("a second record of a request is found, however late it comes", async (t) => {
  const { id } = aCreate().sent;
  const columns = auditTable.fields.map((field) => auditTable.column(field));
  const copied = columns.map((column) => changedInCopy[column] ?? column);
  const from = `from audit where outcome = 'success' and detail like '%"${id}"%'`;
  const copy = `insert into audit (${columns.join()}) select ${copied.join()} ${from}`;
  await alter(database, copy, { triggers: true });
  const { findings } = await checker.check(checked(), { older: 0, audit: false, scan: "no" });
  t.match(findings, [
    { invariant: "I2", what: /one request has more than one record: Create success, Create failure/ },
  ]);
  await alter(database, "delete from audit where event_id = 'second'");
});

t.test("a key that is gone, and an effect without a record, are found", async (t) => {
  t.same(await found(), [], "nothing is wrong before");
  const { got } = aCreate().ended;
  await server.stop({ keepHome: true });
  await alter(database, `delete from audit where object_id = '${got.id}' and operation = 'Create'`);
  await alter(database, `delete from objects where id = '${got.id}'`);
  server = await startTestServer({ home });
  const wrong = await found();
  t.ok(wrong.some((line) => line.startsWith("I1")));
  t.ok(wrong.some((line) => line.startsWith("I2")));
  t.ok(wrong.some((line) => line.startsWith("I5")));
});

t.test("a key in plaintext is found", async (t) => {
  const file = join(home, "spilt");
  writeFileSync(file, Buffer.concat([Buffer.alloc(2_000_000), loadMarker]));
  t.ok((await found()).some((line) => line.startsWith("I6") && line.includes("spilt")));
  rmSync(file);
});
