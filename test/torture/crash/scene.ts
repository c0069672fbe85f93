import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import { ConnectionLost, KmipClient } from "#test/support/kmip-client.js";
import { resumePostgres, startPostgres, type TestPostgres } from "#test/support/postgres.js";
import { descendantsOf } from "#test/support/process-figures.js";
import { freePort, keyreeveProgram, projectRoot, startTestServer, type TestServer } from "#test/support/server.js";
import type { CheckedServer } from "../load/checker.js";
import { DatabaseView } from "../load/database-view.js";
import { makeLoadTenant } from "../load/load-tenants.js";
import { located, randomBytes } from "../load/questions.js";
import type { LoadTenant } from "../load/tenants.js";
import { killPostgres, postmasterOf, removeLocks, signal, untilGone } from "./processes.js";

export type DatabaseKind = "sqlite" | "postgres";

/** Where a scene keeps what it stores. */
export interface ScenePlace {
  readonly database: DatabaseKind;
  /** Holds the data directory, and PostgreSQL's; short, because the paths of sockets are. */
  readonly folder: string;
  /** What is in the environment of the server besides its settings. */
  readonly environment?: Readonly<Record<string, string>>;
}

interface SceneParts {
  readonly place: ScenePlace;
  readonly postgres: TestPostgres | undefined;
  readonly ports: { readonly kmipPort: number; readonly adminPort: number };
}

/** How old a change of a key in a token is that counts as left by a crash; it is looked for as often. */
const abandonedSeconds = 5;
/** How long the removal of what was left may take, and between two looks, in milliseconds. */
const settlingAfter = 20_000;
const pauseBetweenLooks = 250;

/** How long the last process of a killed server may take to notice that it is alone, in milliseconds. */
const endOfOrphans = 10_000;

/**
 * A server (`keyreeve serve`) with its database, and two tenants to put load on, one of each custody. It keeps its ports
 * over all its starts.
 */
export class Scene {
  readonly place: ScenePlace;
  readonly ports: SceneParts["ports"];
  tenants: readonly LoadTenant[] = [];
  private readonly postgres: TestPostgres | undefined;
  private current: TestServer | undefined;

  private constructor({ place, postgres, ports }: SceneParts) {
    this.place = place;
    this.postgres = postgres;
    this.ports = ports;
  }

  /** Makes everything new and starts it. */
  static async make(place: ScenePlace): Promise<Scene> {
    mkdirSync(homeIn(place.folder), { recursive: true });
    const settings = `tasks:\n  abandonedSeconds: ${abandonedSeconds}\n`;
    writeFileSync(join(homeIn(place.folder), "keyreeve.yaml"), settings);
    const ports = await freePorts();
    const postgres = place.database === "postgres" ? await startPostgres(place.folder) : undefined;
    const scene = new Scene({ place, postgres, ports });
    try {
      await scene.start(1);
      scene.tenants = [
        await makeLoadTenant(scene.server, "wrapped", "wrapped"),
        await makeLoadTenant(scene.server, "token", "token"),
      ];
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  /** A scene on a copy of everything that another stores. Its server is not started yet. */
  async onCopy(folder: string): Promise<Scene> {
    const { place, tenants } = this;
    const its = this.postgres && join(folder, relative(place.folder, this.postgresFolder));
    // After a power cut no process has the number in this file; here the one that was copied from still has.
    if (its !== undefined) removeLocks(its);
    const ports = await freePorts();
    const postgres = its === undefined ? undefined : await resumePostgres(its);
    const copy = new Scene({ place: { database: place.database, folder }, postgres, ports });
    copy.tenants = tenants;
    return copy;
  }

  get home(): string {
    return homeIn(this.place.folder);
  }

  /** The folder of its PostgreSQL. Throws RangeError where it has none. */
  get postgresFolder(): string {
    const { configuration } = this.postgres ?? {};
    if (configuration === undefined) throw new RangeError("there is no PostgreSQL here");
    return configuration.host;
  }

  /** The server that runs. Throws RangeError where none does. */
  get server(): TestServer {
    if (this.current === undefined) throw new RangeError("no server runs");
    return this.current;
  }

  /** The number of its first process. */
  get processId(): number {
    const { pid } = this.server.process;
    if (pid === undefined) throw new RangeError("the server has no process");
    return pid;
  }

  /** All processes that write to what is stored here. */
  get writers(): readonly number[] {
    const database = this.postgres === undefined ? [] : [postmasterOf(this.postgresFolder)];
    return [this.processId, ...database].flatMap((first) => [first, ...descendantsOf(first)]);
  }

  /** What the checker needs to know of it. */
  get checked(): CheckedServer {
    const { home, tenants, databaseConfiguration: database } = this;
    const { output } = this.server;
    const folders = this.postgres === undefined ? [] : [join(this.postgresFolder, "data")];
    return { home, folders, ...this.ports, tenants, database, output };
  }

  private get databaseConfiguration(): DatabaseConfiguration {
    if (this.postgres !== undefined) return { ...this.postgres.configuration, nodeId: "checker" };
    return { client: "better-sqlite3", filename: join(this.home, "keyreeve.db"), nodeId: "checker" };
  }

  private environment(processes: number): Record<string, string> {
    const { postgres, place } = this;
    const url = postgres && `postgres://keyreeve@${encodeURIComponent(postgres.configuration.host)}:5432/postgres`;
    return {
      KEYREEVE_WORKERS: String(processes),
      KEYREEVE_LOG_LEVEL: "warn",
      ...(url !== undefined && { KEYREEVE_DATABASE_URL: url }),
      ...place.environment,
    };
  }

  /** Starts the server; gives the milliseconds until a request of every tenant was answered. */
  async start(processes: number): Promise<number> {
    const began = performance.now();
    const environment = this.environment(processes);
    this.current = await startTestServer({ home: this.home, ...this.ports, environment, asCommand: true });
    await this.untilServing(processes);
    return performance.now() - began;
  }

  /** Starts the server and kills it so many milliseconds later, ready or not. */
  async killWhileStarting(processes: number, milliseconds: number): Promise<void> {
    const { kmipPort, adminPort } = this.ports;
    const settings = {
      KEYREEVE_HOME: this.home,
      KEYREEVE_KMIP_PORT: String(kmipPort),
      KEYREEVE_ADMIN_PORT: String(adminPort),
      KEYREEVE_HTTPS_ENABLED: "false",
    };
    const env = { ...process.env, ...settings, ...this.environment(processes) };
    const child = spawn(process.execPath, [keyreeveProgram, "serve"], { cwd: projectRoot, env, stdio: "ignore" });
    await once(child, "spawn");
    const ended = once(child, "exit");
    await Promise.race([ended, pause(milliseconds)]);
    const below = child.pid === undefined ? [] : descendantsOf(child.pid);
    child.kill("SIGKILL");
    await ended;
    await untilGone(below, endOfOrphans);
  }

  /** Waits until every tenant is answered by each of the serving processes, from the database and from its token. */
  async untilServing(processes: number): Promise<void> {
    // Connections are handed out in turn, so tenant by tenant each process gets some of them.
    for (const tenant of this.tenants) {
      for (let count = 0; count < connectionsPerProcess * processes; count += 1) {
        await untilAnswered(this.ports.kmipPort, tenant);
      }
    }
  }

  /**
   * Waits until no change of a key in a token is begun and not ended, or such a change has been left for longer than the
   * server may leave it. No load must be on it.
   */
  async untilSettled(): Promise<void> {
    const longest = 2 * abandonedSeconds * 1000 + settlingAfter;
    for (const end = performance.now() + longest; performance.now() < end; ) {
      const open = await DatabaseView.look(this.databaseConfiguration, (view) => view.openIntents());
      if (open === 0) return;
      await pause(pauseBetweenLooks);
    }
  }

  /** Kills the first process of the server, or all. Gives the processes that do not end of themselves then. */
  async kill(which: "first" | "all"): Promise<readonly number[]> {
    const below = descendantsOf(this.processId);
    signal(which === "all" ? [this.processId, ...below] : [this.processId], "SIGKILL");
    await this.server.kill();
    this.current = undefined;
    return untilGone(below, endOfOrphans);
  }

  /** Kills PostgreSQL as a whole and starts it again. */
  async killDatabase(): Promise<void> {
    await killPostgres(this.postgresFolder);
    await this.postgres?.restart();
  }

  /** Ends the server in order, if one runs. */
  async stop(): Promise<void> {
    const server = this.current;
    this.current = undefined;
    await server?.stop({ keepHome: true });
  }

  /** Ends everything, PostgreSQL also where the server does not end in order. What it stored stays. */
  async close(): Promise<void> {
    try {
      await this.stop();
    } finally {
      if (this.postgres !== undefined && existsSync(pidFileIn(this.postgresFolder))) await this.postgres.kill();
    }
  }
}

function pidFileIn(postgresFolder: string): string {
  return join(postgresFolder, "data", "postmaster.pid");
}

function homeIn(folder: string): string {
  return join(folder, "home");
}

async function freePorts(): Promise<SceneParts["ports"]> {
  return { kmipPort: await freePort(), adminPort: await freePort() };
}

/** More than one, because one that ended meanwhile takes none. */
const connectionsPerProcess = 2;

const pauseBetweenTries = 10;
const longestWait = 120_000;

async function untilAnswered(port: number, { identity, name }: LoadTenant): Promise<void> {
  const end = performance.now() + longestWait;
  for (;;) {
    try {
      const client = await KmipClient.connect({ port, identity });
      try {
        await located(client, "nobody has this name");
        await randomBytes(client);
        return;
      } finally {
        await client.close();
      }
    } catch (error) {
      if (performance.now() > end) throw new Error(`${name} is not served`, { cause: error });
      if (!(error instanceof ConnectionLost)) await pause(pauseBetweenTries);
    }
  }
}
