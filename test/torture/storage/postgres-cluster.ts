/** A PostgreSQL at two addresses: at one of them it runs, at the other a standby can be made, and take over. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import { openConnection } from "#storage/drivers/index.js";
import { statement } from "#storage/statements.js";
import { giveToPostgres, startPostgres, type TestPostgres } from "#test/support/postgres.js";
import { promote, startStandby } from "#test/support/standby.js";
import { noSmallDisk, SmallDisk } from "./small-disk.js";
import { SwitchBoard } from "./switch-board.js";

/** Room for a database of this size and a little load, in MiB. */
const diskMebibytes = 160;

/** One of the two addresses. */
interface Site {
  readonly board: SwitchBoard;
  readonly folder: string;
  /** What its data are on, where disks can be made. */
  readonly disk: SmallDisk | undefined;
}

const backends = statement((knex) =>
  knex.raw(
    "select count(*)::int as number from pg_stat_activity where application_name = 'keyreeve' and pid <> pg_backend_pid()",
  ),
);

/** The two addresses, and what is behind them. */
export class PostgresCluster {
  private readonly folder: string;
  private readonly sites: readonly [Site, Site];
  private active: 0 | 1 = 0;
  private primary: TestPostgres | undefined;
  private standby: TestPostgres | undefined;
  private readonly walFolders = new Map<TestPostgres, string>();

  private constructor(folder: string, sites: readonly [Site, Site]) {
    this.folder = folder;
    this.sites = sites;
  }

  /** Makes a PostgreSQL at the first address. */
  static async start(): Promise<PostgresCluster> {
    const folder = mkdtempSync(join(tmpdir(), "kp-"));
    // PostgreSQL runs as another user.
    chmodSync(folder, 0o711);
    const cluster = new PostgresCluster(folder, [await makeSite(folder, "a"), await makeSite(folder, "b")]);
    try {
      const { folder: parent } = cluster.site;
      cluster.primary = await cluster.withWal((wal) => startPostgres(parent, wal));
      cluster.board.pass(cluster.postgres.configuration.host);
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** The PostgreSQL that takes writes, or should. */
  get postgres(): TestPostgres {
    if (this.primary === undefined) throw new RangeError("there is no PostgreSQL here");
    return this.primary;
  }

  /** How it is reached beside the server. */
  get configuration(): DatabaseConfiguration {
    return { ...this.postgres.configuration, nodeId: "torture" };
  }

  /** The lines of keyreeve.yaml that name both addresses. */
  get lines(): readonly string[] {
    const hosts = this.ports.map((port) => `127.0.0.1:${port}`).join();
    return ["client: pg", `host: "${hosts}"`, "user: keyreeve", "database: postgres"];
  }

  get ports(): readonly number[] {
    return this.sites.map(({ board }) => board.port);
  }

  /** The way to the PostgreSQL that takes writes. */
  get board(): SwitchBoard {
    return this.site.board;
  }

  /** The disk of its data; undefined where no disks can be made. */
  get disk(): SmallDisk | undefined {
    return this.site.disk;
  }

  /** Connections of the server that PostgreSQL has, once they are no more than `least`, or after so many milliseconds. */
  async connections(least: number, within: number): Promise<number> {
    const end = performance.now() + within;
    const connection = await openConnection(this.configuration, "read");
    try {
      for (;;) {
        const number = Number((await connection.select(backends, []))[0]?.["number"]);
        if (number <= least || performance.now() > end) return number;
        await pause(50);
      }
    } finally {
      await connection.close();
    }
  }

  /** Makes a standby at the other address, which the server reaches there. */
  async makeStandby(): Promise<TestPostgres> {
    const { board, folder } = this.other;
    const standby = await this.withWal((wal) => startStandby(this.postgres, folder, wal));
    this.standby = standby;
    board.pass(standby.configuration.host);
    return standby;
  }

  /** Has the standby take writes; from now on it is the PostgreSQL that does. The old one is removed. */
  async failOver(): Promise<void> {
    const { standby, primary } = this;
    if (standby === undefined || primary === undefined) throw new RangeError("there is no standby here");
    await promote(standby);
    this.board.refuse();
    this.active = this.active === 0 ? 1 : 0;
    this.primary = standby;
    this.standby = undefined;
    await this.remove(primary);
  }

  /** Removes the standby. */
  async dropStandby(): Promise<void> {
    this.other.board.refuse();
    await this.remove(this.standby);
    this.standby = undefined;
  }

  /** Ends everything and removes all files. */
  async close(): Promise<void> {
    const ends = [
      () => this.remove(this.standby),
      () => this.remove(this.primary),
      ...this.sites.flatMap(({ board, disk }) => [async () => board.stop(), async () => disk?.remove()]),
    ];
    const failures: unknown[] = [];
    for (const end of ends) await end().catch((error: unknown) => failures.push(error));
    rmSync(this.folder, { recursive: true, force: true });
    if (failures.length > 0) throw failures[0];
  }

  private get site(): Site {
    return this.sites[this.active];
  }

  private get other(): Site {
    return this.sites[this.active === 0 ? 1 : 0];
  }

  private async remove(postgres: TestPostgres | undefined): Promise<void> {
    if (postgres === undefined) return;
    await postgres.stop();
    rmSync(this.walFolders.get(postgres) ?? "", { recursive: true, force: true });
  }

  /** The log of changes is not on the disk of the data: where no change can be logged, PostgreSQL ends. */
  private async withWal(make: (walFolder: string) => Promise<TestPostgres>): Promise<TestPostgres> {
    const parent = mkdtempSync(join(this.folder, "wal-"));
    giveToPostgres(parent);
    const postgres = await make(join(parent, "wal"));
    this.walFolders.set(postgres, parent);
    return postgres;
  }
}

async function makeSite(parent: string, name: string): Promise<Site> {
  const board = await SwitchBoard.start();
  const disk = noSmallDisk() === null ? await SmallDisk.make(parent, name, diskMebibytes) : undefined;
  const folder = disk?.folder ?? join(parent, name);
  mkdirSync(folder, { recursive: true });
  return { board, folder, disk };
}
