/** A server that points are met on: its processes, its clients, and what the journals promise of it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import { operatorOf } from "#test/support/operator.js";
import { startedHome, startTestServer, type TestServer, temporaryHome } from "#test/support/server.js";
import { type CheckExtent, Checker, type CheckReport } from "#test/torture/load/checker.js";
import { makeLoadTenant } from "#test/torture/load/load-tenants.js";
import type { LoadTenant } from "#test/torture/load/tenants.js";
import { type DatabaseKind, PostgresBehindCutter } from "./postgres.js";
import { Walker } from "./walk.js";

const answerWithin = 15_000;
const endsWithin = 20_000;

/** The state of a connection that is there, in /proc/net/tcp. */
const established = "01";

/** How a key is kept that is walked with. */
export type Custody = LoadTenant["custody"];

/** The server with one tenant of each custody, and a walker in each. */
export class Stage {
  server: TestServer;
  readonly walkers: Readonly<Record<Custody, Walker>>;
  readonly home: string;
  private readonly tenants: readonly LoadTenant[];
  private readonly journals: string;
  private readonly checker: Checker;
  /** Writes into the log of the database that the intent of the last key took. */
  writesOfIntent = 0;
  /** Times from the start of a server to its first whole answers, in milliseconds. */
  readonly recoveries: number[] = [];
  /** Where the database is one. */
  readonly postgres: PostgresBehindCutter | undefined;
  /** The folders of the tenants' tokens. */
  readonly folders: Readonly<Record<Custody, string>>;

  private constructor(
    server: TestServer,
    walkers: Stage["walkers"],
    given: Pick<Stage, "folders" | "postgres"> & { readonly journals: string; readonly checker: Checker },
  ) {
    this.server = server;
    this.home = server.home;
    this.walkers = walkers;
    this.tenants = Object.values(walkers).map(({ tenant }) => tenant);
    this.journals = given.journals;
    this.checker = given.checker;
    this.folders = given.folders;
    this.postgres = given.postgres;
  }

  /** Starts everything anew; PostgreSQL is behind a cutter, at which commits are met. */
  static async begin(seed: number, kind: DatabaseKind): Promise<Stage> {
    const postgres = kind === "postgres" ? await PostgresBehindCutter.start() : undefined;
    try {
      return await Stage.on(seed, postgres);
    } catch (error) {
      await postgres?.stop();
      throw error;
    }
  }

  private static async on(seed: number, postgres: PostgresBehindCutter | undefined): Promise<Stage> {
    // What was prepared has its database in it.
    const home = postgres === undefined ? startedHome() : temporaryHome();
    writeFileSync(join(home, "keyreeve.yaml"), "tasks:\n  abandonedSeconds: 5\n");
    const server = await startTestServer({ home, environment: postgres?.environment ?? {} });
    const journals = mkdtempSync(join(tmpdir(), "keyreeve-journals-"));
    let stage: Stage | undefined;
    const begun = async (name: string, custody: Custody): Promise<Walker> => {
      const tenant = await makeLoadTenant(server, name, custody);
      const port = (): number => (stage?.server ?? server).kmipPort;
      return Walker.begin({ tenant, journals, port, answerWithin });
    };
    const walkers = { wrapped: await begun("walks-wrapped", "wrapped"), token: await begun("walks-token", "token") };
    const folders = await tokenFolders(server, walkers);
    stage = new Stage(server, walkers, { journals, checker: Checker.following(journals, seed), folders, postgres });
    await stage.connect();
    return stage;
  }

  /** The files of the database. */
  get databaseFiles(): readonly string[] {
    return ["keyreeve.db", "keyreeve.db-wal", "keyreeve.db-shm"].map((name) => join(this.home, name));
  }

  /** The write-ahead log of the database. */
  get log(): string {
    return join(this.home, "keyreeve.db-wal");
  }

  get database(): DatabaseConfiguration {
    if (this.postgres !== undefined) return { ...this.postgres.configuration, nodeId: "checker" };
    return { client: "better-sqlite3", filename: join(this.home, "keyreeve.db"), nodeId: "checker" };
  }

  /** The connections of clients, as their descriptors are named. */
  clientSockets(): readonly string[] {
    const port = this.server.kmipPort.toString(16).toUpperCase().padStart(4, "0");
    const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => textOf(path).split("\n"));
    return rows.flatMap((row) => {
      const [, local = "", , state, , , , , , inode] = row.trim().split(/ +/);
      return local.endsWith(`:${port}`) && state === established ? [`socket:[${inode}]`] : [];
    });
  }

  /** Numbers of the processes of the HSM workers of a tenant. */
  workers(custody: Custody): readonly number[] {
    const serverProcess = this.serverProcess;
    const folder = this.folders[custody];
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => parentOf(name) === serverProcess && environmentOf(name).includes(folder))
      .map(Number);
  }

  /** What is in the environment of the server besides its settings. */
  get environment(): Readonly<Record<string, string>> {
    return this.postgres?.environment ?? {};
  }

  /** All processes the server has started. */
  private children(): readonly number[] {
    const serverProcess = this.serverProcess;
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && parentOf(name) === serverProcess)
      .map(Number);
  }

  get serverProcess(): number {
    const { pid } = this.server.process;
    if (pid === undefined) throw new Error("the server has no process");
    return pid;
  }

  /** Whether the server's process is there. */
  get isUp(): boolean {
    const { exitCode, signalCode } = this.server.process;
    return exitCode === null && signalCode === null;
  }

  /** Ends all processes at once. */
  async kill(): Promise<void> {
    const children = this.isUp ? this.children() : [];
    await this.server.kill();
    for (const child of children) endIfThere(child);
  }

  /** Has the HSM workers of both tenants there: they are started when they are first needed. */
  async warm(): Promise<void> {
    for (const custody of ["wrapped", "token"] as const) {
      if (this.workers(custody).length === 0) await this.walkers[custody].walk();
    }
  }

  /** Starts the server where it is not up, and connects. */
  async resume(): Promise<void> {
    for (const walker of Object.values(this.walkers)) await walker.disconnect();
    const since = performance.now();
    if (!this.isUp) this.server = await startTestServer({ home: this.home, environment: this.environment });
    await this.connect();
    this.recoveries.push(performance.now() - since);
  }

  /** Ends the server as an operator does, and starts it. Gives whether it ended by itself in time. */
  async restart(): Promise<boolean> {
    const ended = await this.endCleanly();
    await this.resume();
    return ended;
  }

  /** Asks the server to end. Gives whether it did so in time; where not, it is killed. */
  async endCleanly(): Promise<boolean> {
    const ending = this.server.stop({ keepHome: true }).then(() => true);
    const isInTime = await Promise.race([ending, pause(endsWithin, false, { ref: false })]);
    if (!isInTime) await this.kill();
    await ending;
    return isInTime && this.server.process.exitCode === 0;
  }

  private async connect(): Promise<void> {
    for (const walker of Object.values(this.walkers)) await walker.connect();
  }

  /** Holds the server against the journals. */
  check(extent: CheckExtent): Promise<CheckReport> {
    const { kmipPort, adminPort, output } = this.server;
    const { home, database } = this;
    const server = { home, kmipPort, adminPort, database, tenants: this.tenants, output };
    return this.checker.check(server, extent);
  }

  get counts(): Checker["counts"] {
    return this.checker.counts;
  }

  /** Ends everything and removes all files. */
  async end(): Promise<void> {
    for (const walker of Object.values(this.walkers)) await walker.stop();
    await this.kill();
    await this.postgres?.stop();
    rmSync(this.home, { recursive: true, force: true });
    rmSync(this.journals, { recursive: true, force: true });
  }
}

async function tokenFolders(
  server: TestServer,
  { wrapped, token }: Stage["walkers"],
): Promise<Readonly<Record<Custody, string>>> {
  const operator = operatorOf(server);
  try {
    const tenants = await operator.listTenants();
    const folderOf = ({ tenant }: Walker): string => {
      const found = tenants.find(({ name }) => name === tenant.name);
      if (found === undefined) throw new RangeError(`there is no tenant ${tenant.name}`);
      return join(server.home, "hsm", `tenant-${found.id}`);
    };
    return { wrapped: folderOf(wrapped), token: folderOf(token) };
  } finally {
    operator.close();
  }
}

function parentOf(process: string): number {
  // Behind the name of the program, which may have anything in it: state and parent.
  const stat = textOf(`/proc/${process}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function environmentOf(process: string): string {
  return textOf(`/proc/${process}/environ`);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended meanwhile.
    return "";
  }
}

function endIfThere(process_: number): void {
  try {
    process.kill(process_, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
