/** A server on disks that can fail, with load on it and a probe before it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Operation, ProtectionStorageMask, QueryFunction } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import { type AdminCaller, callerAs } from "#test/support/admin.js";
import { actionsOf, aesKey, gcm } from "#test/support/kmip-actions.js";
import { named, type Asked as Request } from "#test/support/kmip-client-messages.js";
import { openFiles } from "#test/support/process-figures.js";
import { connectTo, freePort, readIdentity, startTestServer, type TestServer } from "#test/support/server.js";
import { type CheckedServer, Checker, type CheckReport } from "../load/checker.js";
import type { JournalMark } from "../load/journal.js";
import { Load } from "../load/load.js";
import { makeLoadTenant } from "../load/load-tenants.js";
import type { LoadTenant } from "../load/tenants.js";
import type { RequestName } from "./fault.js";
import { type Figures, figuresIn } from "./figures.js";
import { Probe } from "./probe.js";
import { SmallDisk } from "./small-disk.js";

/** What an arena is made of. */
export interface ArenaOptions {
  readonly seed: number;
  /** Clients of each of the two tenants. */
  readonly clients: number;
  /** Lines of keyreeve.yaml, by section. */
  readonly settings?: Readonly<Record<string, readonly string[]>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Sizes of small disks in MiB; what has none is on the disk of the machine. */
  readonly disks?: Readonly<Partial<Record<DiskName, number>>>;
  /** Sizes of disks in memory in KiB. */
  readonly memoryDisks?: Readonly<Partial<Record<DiskName, number>>>;
  /** A database that is not a file: how it is reached now, and the lines that say so in keyreeve.yaml. */
  readonly database?: { readonly configuration: () => DatabaseConfiguration; readonly lines: readonly string[] };
  /** Done in the data directory before the server starts a first time. */
  readonly beforeStart?: (home: string) => Promise<void>;
}

/** How long the load may be refused everything, in milliseconds. */
const longestSilence = 120_000;

export type DiskName = "database" | "tokens" | "checkpoints";

/** The parts of an arena that have ends, and how they end. */
export class Arena {
  readonly options: ArenaOptions;
  readonly folder = mkdtempSync(join(tmpdir(), "kt-"));
  readonly disks = new Map<DiskName, SmallDisk>();
  private running: TestServer | undefined;
  private tenants: readonly LoadTenant[] = [];
  private loading: Load | undefined;
  private checker: Checker | undefined;
  private readonly probes = new Map<RequestName, Probe>();
  private ports: { readonly kmipPort: number; readonly adminPort: number } | undefined;

  private constructor(options: ArenaOptions) {
    this.options = options;
  }

  /** Makes everything and waits until load is on the server. */
  static async make(options: ArenaOptions): Promise<Arena> {
    const arena = new Arena(options);
    try {
      await arena.build();
      return arena;
    } catch (error) {
      await arena.close();
      throw error;
    }
  }

  get home(): string {
    return join(this.folder, "home");
  }

  get server(): TestServer {
    return here(this.running, "server");
  }

  get load(): Load {
    return here(this.loading, "load");
  }

  /** A disk that was asked for. */
  disk(name: DiskName): SmallDisk {
    return here(this.disks.get(name), `disk for ${name}`);
  }

  /** How the database is reached beside the server. */
  get database(): DatabaseConfiguration {
    const own = this.options.database?.configuration();
    return own ?? { client: "better-sqlite3", filename: this.databaseFile, nodeId: "torture" };
  }

  get databaseFile(): string {
    return join(this.disks.get("database")?.folder ?? this.home, "keyreeve.db");
  }

  get checkpointFile(): string {
    return join(this.disks.get("checkpoints")?.folder ?? this.home, "checkpoints.jsonl");
  }

  /** The client that asks for this all the time. */
  probe(asks: RequestName): Probe {
    return here(this.probes.get(asks), "probe");
  }

  /** What the server answers to the operator at the admin port; rejects where it answers nothing. */
  async asOperator<T>(work: (caller: AdminCaller) => Promise<T>): Promise<T> {
    const caller = callerAs(readIdentity(join(this.home, "operators", "admin")), this.server.adminPort);
    try {
      return await work(caller);
    } finally {
      caller.close();
    }
  }

  /** The figures of the server: how often each kind of event was raised, and the sum of each metric over its labels. */
  async figures(): Promise<Figures> {
    const { text } = await this.asOperator((caller) => caller.ask("/metrics"));
    return figuresIn(text);
  }

  /** How many files and sockets the server has open, without those of its HSM workers. */
  get openFiles(): number {
    return openFiles(this.server.process.pid ?? 0);
  }

  /** Resolves when so many more requests of the load were acknowledged. */
  async untilAcknowledged(more: number): Promise<void> {
    const wanted = this.load.counts.acknowledged + more;
    const end = performance.now() + longestSilence;
    while (this.load.counts.acknowledged < wanted) {
      if (performance.now() > end) throw new Error(`the server serves no more:\n${this.server.output().slice(-4000)}`);
      await pause(20);
    }
  }

  /**
   * Holds the server against the journals, while the load rests: in part, or everything, after it was started again as
   * after a crash, and so has settled what was interrupted.
   */
  async check(extent: "some" | "all"): Promise<CheckReport> {
    await this.load.pause();
    if (extent === "all") await this.startAgainQuietly();
    const some = { older: 3, scan: "no", isSettled: false } as const;
    const report = await here(this.checker, "checker").check(this.checked, extent === "all" ? { older: "all" } : some);
    this.load.resume();
    return report;
  }

  /**
   * Holds a server that was started again against what the journals promised `before` something. What they had `after` it
   * may have been done or not. Nothing later is looked at; the load must rest.
   */
  checkBetween(before: JournalMark, after: JournalMark): Promise<CheckReport> {
    const checker = Checker.ofCopy(this.journals, { since: new Map(), before, after }, this.options.seed);
    return checker.checkAsRead(this.checked, { older: "all" });
  }

  private get checked(): CheckedServer {
    const { kmipPort, adminPort, output } = this.server;
    const { home, database, tenants } = this;
    return { home, kmipPort, adminPort, database, tenants, output };
  }

  private async startAgainQuietly(): Promise<void> {
    await this.restart(async () => undefined);
  }

  /** Kills the server, and starts it again after `between`. */
  async restart(between: () => Promise<void>): Promise<void> {
    for (const probe of this.probes.values()) await probe.rest();
    await this.server.kill();
    await between();
    await this.start();
  }

  /** Ends everything and removes all files. */
  async close(): Promise<void> {
    const ends = [
      ...[...this.probes.values()].map((probe) => () => probe.close()),
      async () => this.loading?.stop(),
      async () => this.running?.kill(),
      ...[...this.disks.values()].map((disk) => () => disk.remove()),
    ];
    const failures: unknown[] = [];
    for (const end of ends) await end().catch((error: unknown) => failures.push(error));
    rmSync(this.folder, { recursive: true, force: true });
    if (failures.length > 0) throw failures[0];
  }

  private async build(): Promise<void> {
    const { disks = {}, memoryDisks = {}, seed, clients, beforeStart } = this.options;
    for (const folder of [this.home, this.journals]) mkdirSync(folder, { recursive: true });
    for (const [name, size] of Object.entries(disks) as [DiskName, number][]) {
      this.disks.set(name, await SmallDisk.make(this.folder, name, size));
    }
    for (const [name, size] of Object.entries(memoryDisks) as [DiskName, number][]) {
      this.disks.set(name, await SmallDisk.makeInMemory(this.folder, name, size));
    }
    writeFileSync(join(this.home, "keyreeve.yaml"), this.yaml());
    await beforeStart?.(this.home);
    await this.start();
    this.tenants = [
      await makeLoadTenant(this.server, "wrapped", "wrapped"),
      await makeLoadTenant(this.server, "token", "token"),
    ];
    await this.startProbes(await makeLoadTenant(this.server, "probed", "wrapped"));
    const port = (): number => this.server.kmipPort;
    this.loading = await Load.start({ seed, port, tenants: this.tenants, clients, journals: this.journals });
    this.checker = Checker.following(this.journals, seed);
  }

  private get journals(): string {
    return join(this.folder, "journals");
  }

  private yaml(): string {
    const { settings = {}, database } = this.options;
    const tokens = this.disks.get("tokens");
    const own: Readonly<Record<string, readonly string[]>> = {
      database: database?.lines ?? [`filename: ${this.databaseFile}`],
      hsm: tokens === undefined ? [] : [`directory: ${join(tokens.folder, "hsm")}`],
      audit: [`checkpointFile: ${this.checkpointFile}`],
    };
    const names = [...new Set([...Object.keys(own), ...Object.keys(settings)])];
    return names
      .map((name) => [name, [...(own[name] ?? []), ...(settings[name] ?? [])]] as const)
      .filter(([, lines]) => lines.length > 0)
      .map(([name, lines]) => [`${name}:`, ...lines.map((line) => `  ${line}`), ""].join("\n"))
      .join("");
  }

  private async start(): Promise<void> {
    this.ports ??= { kmipPort: await freePort(), adminPort: await freePort() };
    const { environment = {} } = this.options;
    this.running = await startTestServer({ home: this.home, ...this.ports, environment });
  }

  private async startProbes(tenant: LoadTenant): Promise<void> {
    const client = await connectTo(this.server, { identity: tenant.identity });
    const { create, activate } = actionsOf(client, V2_1);
    const id = await create();
    await activate(id);
    await client.close();
    const key = aesKey() as object;
    const requests: Readonly<Record<RequestName, Request>> = {
      get: { operation: Operation.Get, payload: { uniqueIdentifier: named(id) } },
      query: { operation: Operation.Query, payload: { queryFunctions: [QueryFunction.QueryOperations] } },
      encrypt: {
        operation: Operation.Encrypt,
        payload: { uniqueIdentifier: named(id), cryptographicParameters: gcm, data: Buffer.alloc(64) },
      },
      makeInToken: {
        operation: Operation.Create,
        payload: { ...key, protectionStorageMasks: { protectionStorageMask: [ProtectionStorageMask.Hardware] } },
      },
    };
    for (const [asks, request] of Object.entries(requests) as [RequestName, Request][]) {
      this.probes.set(asks, new Probe(tenant, () => this.server.kmipPort, request));
    }
  }
}

function here<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new RangeError(`there is no ${name} here`);
  return part;
}
