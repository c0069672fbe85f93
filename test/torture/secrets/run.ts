import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attributes } from "#protocol/attributes/definitions.js";
import { Operation } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import type { DatabaseConfiguration, PostgresConfiguration } from "#storage/configuration.js";
import { openConnection } from "#storage/drivers/index.js";
import type { Verdict } from "#test/harness/verdict.js";
import { aesKey, instance, nameOf } from "#test/support/kmip-actions.js";
import { askAll } from "#test/support/kmip-client-messages.js";
import { operatorOf } from "#test/support/operator.js";
import { startPostgres, type TestPostgres } from "#test/support/postgres.js";
import { connectTo, startedHome, startTestServer, type TestServer, temporaryHome } from "#test/support/server.js";
import { Mark, type Needle } from "./forms.js";
import { MarkedObjects } from "./marked-objects.js";
import { inBytes, inCore, inFolder, inMemory, type Looked, together, workersOf } from "./places.js";
import { askWhatIsRefused, killWorkers, registerUnderFault, useOtherWays } from "./provoked.js";

/** The database in a data directory. */
const sqliteFile = "keyreeve.db";

/** Where the rows are. */
export type DatabaseKind = "sqlite" | "postgresql";

/** How much is done. */
export interface Order {
  readonly rounds: number;
  readonly otherWork: number;
  readonly core: boolean;
}

/** What a run works with. */
interface Run {
  readonly kind: DatabaseKind;
  readonly server: TestServer;
  readonly postgres: TestPostgres | undefined;
  /** Temporary files of the server. */
  readonly temporary: string;
  /** Files of the harness, which hold secrets and are not looked through. */
  readonly own: string;
  /** Secrets that rest sealed and nowhere else. */
  readonly secret: Mark;
  /** Keys that may be nowhere but in the token. */
  readonly confined: Mark;
  /** Something that is no secret, in each kind of place: the search must find it. */
  readonly planted: Mark;
  readonly needles: Needle[];
}

/** Does everything on one kind of database, looks, and judges. Gives the figures. */
export async function runOn(kind: DatabaseKind, order: Order, verdict: Verdict): Promise<Record<string, number>> {
  const base = mkdtempSync(join(tmpdir(), "keyreeve-secrets-"));
  const folders = { temporary: join(base, "temporary"), own: join(base, "own") };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const postgres = kind === "postgresql" ? await startPostgres() : undefined;
  try {
    const environment = { KEYREEVE_LOG_LEVEL: "trace", KEYREEVE_LOG_FORMAT: "json", TMPDIR: folders.temporary };
    const home = postgres === undefined ? startedHome() : homeOn(postgres.configuration);
    const server = await startTestServer({ environment, home });
    const marks = { secret: new Mark("secret"), confined: new Mark("confined key"), planted: new Mark("planted") };
    try {
      return await carriedOut({ kind, server, postgres, ...folders, ...marks, needles: [] }, order, verdict);
    } finally {
      await server.stop();
    }
  } finally {
    await postgres?.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

/** A data directory whose rows are in PostgreSQL. */
function homeOn({ host, port, user, database }: PostgresConfiguration): string {
  const home = temporaryHome();
  const lines = ["client: pg", `host: ${host}`, `port: ${port}`, `user: ${user}`, `database: ${database}`];
  writeFileSync(join(home, "keyreeve.yaml"), ["database:", ...lines.map((line) => `  ${line}`), ""].join("\n"));
  return home;
}

async function carriedOut(run: Run, order: Order, verdict: Verdict): Promise<Record<string, number>> {
  const { server, secret, confined } = run;
  const operator = operatorOf(server);
  const trace = await operator.traces.start({ tenant: "demo", client: "demo-client" });
  await plant(run);
  let refused = 0;
  let faults = 0;
  for (let round = 0; round < order.rounds; round += 1) {
    const client = await connectTo(server, { answerWithin: 60_000 });
    const objects = new MarkedObjects(client);
    await objects.registerOpen(secret);
    await objects.registerPrivate(secret);
    await objects.make(secret);
    await objects.registerConfined(confined);
    run.needles.push(...objects.needles);
    await client.close();
    refused += await askWhatIsRefused(server, secret);
    await useOtherWays(server, run.own, secret);
    faults += await registerUnderFault(server, secret, () => killWorkers(server));
    faults += await registerUnderFault(server, secret, () => databaseFault(run));
    process.stderr.write(`round ${round + 1} of ${order.rounds}\n`);
  }
  const client = await connectTo(server, { answerWithin: 60_000 });
  await new MarkedObjects(client).otherWork(order.otherWork);
  const looked = together([lookIntoMemory(run, order, verdict), await lookIntoFiles(run, verdict)]);
  await client.close();
  await operator.traces.stop(trace.id);
  operator.close();
  await server.stop({ keepHome: true });
  judgeFiles(
    run,
    verdict,
    "after the server has stopped",
    inFolder(server.home, run.secret.needles.concat(run.needles)),
  );
  const forms = run.needles.length + secret.needles.length + confined.needles.length;
  return {
    "requests refused": refused,
    faults: faults + order.rounds,
    forms,
    "MiB looked through": Math.round(looked.bytes / 2 ** 20),
  };
}

/** Puts what is no secret into each kind of place: an object's name, the audit trail, a trace, a temporary file. */
async function plant({ server, planted, temporary }: Run): Promise<void> {
  const client = await connectTo(server);
  const correlation = { tag: Tag.ClientCorrelationValue, type: ItemType.TextString, value: planted.text } as const;
  const named = aesKey(nameOf(planted.text), instance(attributes.activationDate, 1000));
  await askAll(client, V2_1, [{ operation: Operation.Create, payload: named }], [correlation]);
  const locate = { attributes: [instance(attributes.contactInformation, planted.text)] };
  await askAll(client, V2_1, [{ operation: Operation.Locate, payload: locate }]);
  await client.close();
  writeFileSync(join(temporary, "planted"), planted.bytes);
}

/** The database fails for a moment: PostgreSQL is gone, or another program has SQLite's file to itself. */
async function databaseFault({ kind, server, postgres }: Run): Promise<() => Promise<void>> {
  if (postgres !== undefined) {
    await postgres.kill();
    return () => postgres.restart();
  }
  if (kind !== "sqlite") throw new RangeError("there is no PostgreSQL");
  const filename = join(server.home, sqliteFile);
  const configuration: DatabaseConfiguration = { client: "better-sqlite3", filename, nodeId: "harness" };
  const connection = await openConnection(configuration, "write");
  await connection.command("begin exclusive");
  return async () => {
    await connection.command("rollback");
    await connection.close();
  };
}

/** The needles of keys that may not leave the token must not be in memory; what is planted there must be found. */
function lookIntoMemory({ server, own, confined, planted }: Run, { core }: Order, verdict: Verdict): Looked {
  const processId = server.process.pid ?? 0;
  const control = planted.needles.filter(({ name }) => /UTF-8|Latin-1|UTF-16/.test(name));
  const needles = [...confined.needles, ...control];
  const memory = inMemory(processId, needles);
  judge(verdict, "no key that may not leave the token is in the memory of the server", confined, memory);
  verdict.check("what is planted in the memory is found", named(memory, planted).length > 0, figureOf(memory));
  const workers = together(workersOf(processId).map((worker) => inMemory(worker, textual(confined))));
  judge(verdict, "no HSM worker holds such a key in any form but that of the module", confined, workers);
  const open = [processId, ...workersOf(processId)].filter((each) => coreFilter(each) !== 0);
  verdict.check(
    "memory is kept out of cores of the server and its workers",
    open.length === 0,
    `${open.length} are not`,
  );
  if (!core) return together([memory, workers]);
  const [usual, whole] = [inCore(processId, own, needles, false), inCore(processId, own, needles, true)];
  if (typeof usual === "string" || typeof whole === "string") {
    verdict.check("cores can be taken", false, [usual, whole].filter((one) => typeof one === "string").join("; "));
    return together([memory, workers]);
  }
  judge(verdict, "no such key is in a core of all memory", confined, whole);
  verdict.check("what is planted is found in a core of all memory", named(whole, planted).length > 0, figureOf(whole));
  verdict.check("a core as the system takes it holds none of it", named(usual, planted).length === 0, figureOf(usual));
  return together([memory, workers, usual, whole]);
}

/** What of its memory a process has in its cores, as bits (core(5)). */
function coreFilter(processId: number): number {
  return Number.parseInt(readFileSync(`/proc/${processId}/coredump_filter`, "utf8"), 16);
}

/** Forms other than the bytes as they are, which the module of a worker has while it works with them. */
function textual({ needles }: Mark): readonly Needle[] {
  return needles.filter(({ name }) => !name.endsWith("raw"));
}

async function lookIntoFiles(run: Run, verdict: Verdict): Promise<Looked> {
  const { server, postgres, temporary, planted } = run;
  const needles = [...run.secret.needles, ...run.needles, ...run.confined.needles, ...planted.needles];
  const trail = Buffer.from(await server.administration.exportAudit());
  const log = Buffer.from(server.output());
  const looks: Readonly<Record<string, Looked>> = {
    "the data directory": inFolder(server.home, needles),
    "temporary files": inFolder(temporary, needles),
    "the audit export": inBytes("audit export", trail, needles),
    "the log": inBytes("log", Buffer.concat([log, planted.bytes]), needles),
    ...(postgres === undefined
      ? {}
      : { "the files of PostgreSQL": inFolder(String(postgres.configuration.host), needles) }),
  };
  for (const [where, looked] of Object.entries(looks)) {
    judgeFiles(run, verdict, `in ${where}`, looked);
    verdict.check(`what is planted in ${where} is found`, named(looked, planted).length > 0, figureOf(looked));
  }
  const traces = inFolder(join(server.home, "traces"), planted.needles);
  verdict.check("what is planted in a trace is found", traces.found.length > 0, figureOf(traces));
  return together(Object.values(looks));
}

/** What was found of a mark. */
function named({ found }: Looked, { name }: Mark): readonly string[] {
  return found.filter(({ needle }) => needle.startsWith(name)).map(({ needle, place }) => `${needle} in ${place}`);
}

function figureOf({ found, bytes }: Looked): string {
  return `${found.length} found in ${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function judge(verdict: Verdict, what: string, mark: Mark, looked: Looked): void {
  const places = named(looked, mark);
  verdict.check(
    what,
    places.length === 0 && looked.bytes > 0,
    [figureOf(looked), ...places.slice(0, 10)].join("\n         "),
  );
}

function judgeFiles({ planted }: Run, verdict: Verdict, where: string, looked: Looked): void {
  const places = looked.found
    .filter(({ needle }) => !needle.startsWith(planted.name))
    .map(({ needle, place }) => `${needle} in ${place}`);
  const figure = [figureOf(looked), ...places.slice(0, 10)].join("\n         ");
  verdict.check(`no secret is ${where}`, places.length === 0 && looked.bytes > 0, figure);
}
