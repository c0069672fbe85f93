/** Faults of the calls by which the database file is written, and of what takes log lines: the disks are whole. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { openConnection } from "#storage/drivers/index.js";
import { askAll, named } from "#test/support/kmip-client-messages.js";
import { connectTo } from "#test/support/server.js";
import { Arena } from "./arena.js";
import { type Fault, type Heal, withoutDatabase } from "./fault.js";
import { partOfFaults } from "./part.js";

const fileLocked: Fault = {
  name: "database file locked by another program",
  ...withoutDatabase,
  answeredWithin: 5000,
  lasts: 8000,
  async inject(arena) {
    const other = await openConnection(arena.database, "migrate");
    await other.command("begin immediate");
    return async () => {
      await other.command("rollback");
      await other.close();
    };
  },
};

/** Has calls of the server on its database file end otherwise, from now on. `how` is what strace puts after the calls. */
async function injectCalls(arena: Arena, calls: string, how: string): Promise<Heal> {
  const { databaseFile, server } = arena;
  const rules = ["-e", `trace=${calls}`, "-e", `inject=${calls}:${how}`];
  const files = ["", "-wal", "-shm"].flatMap((end) => ["-P", `${databaseFile}${end}`]);
  const target = ["-o", "/dev/null", "-p", String(server.process.pid)];
  const tracer = spawn("strace", ["-f", "-qq", ...rules, ...files, ...target]);
  const ended = once(tracer, "exit");
  await pause(300);
  if (tracer.exitCode !== null) throw new Error("strace does not attach to the server");
  return async () => {
    tracer.kill("SIGINT");
    await ended;
  };
}

const slowSync: Fault = {
  name: "each flush of the database takes a second",
  felt: { get: "slowed" },
  answeredWithin: 10_000,
  lasts: 6000,
  inject: (arena) => injectCalls(arena, "fsync,fdatasync", "delay_exit=1000000"),
};

const failedSync: Fault = {
  name: "each flush of the database fails with EIO",
  ...withoutDatabase,
  answeredWithin: 5500,
  lasts: 7000,
  inject: (arena) => injectCalls(arena, "fsync,fdatasync", "error=EIO"),
};

const failedWrite: Fault = {
  name: "each write of the database fails with EIO",
  ...withoutDatabase,
  answeredWithin: 5500,
  lasts: 7000,
  inject: (arena) => injectCalls(arena, "write,pwrite64", "error=EIO"),
};

/** Items of a request, each of which is a line of the log. */
const itemsAtOnce = 50;
const noisyClients = 4;
/** How long lines may come until more wait than the server keeps, in milliseconds. */
const noiseWithin = 60_000;

/** Makes lines of the log until it is stopped: requests that are refused. */
async function makeNoise(arena: Arena, isOver: () => boolean): Promise<void> {
  const client = await connectTo(arena.server);
  const item = { operation: Operation.Get, payload: { uniqueIdentifier: named("nothing") } };
  while (!isOver()) {
    await askAll(
      client,
      V2_1,
      Array.from({ length: itemsAtOnce }, () => item),
    );
  }
  await client.close();
}

const logUnread: Fault = {
  name: "nobody reads the log",
  felt: { get: "served" },
  ready: true,
  metrics: { keyreeve_log_lines_dropped_total: "counts" },
  answeredWithin: 2000,
  lasts: 1000,
  async inject(arena) {
    const { stdout, stderr } = arena.server.process;
    const dropped = async (): Promise<number> =>
      (await arena.figures()).metrics.get("keyreeve_log_lines_dropped_total") ?? 0;
    const before = await dropped();
    for (const stream of [stdout, stderr]) stream?.pause();
    const end = performance.now() + noiseWithin;
    let isOver = false;
    const noise = Array.from({ length: noisyClients }, () => makeNoise(arena, () => isOver));
    while ((await dropped()) === before && performance.now() < end) await pause(100);
    return async () => {
      isOver = true;
      await Promise.all(noise);
      for (const stream of [stdout, stderr]) stream?.resume();
    };
  },
};

const strace = "/usr/bin/strace";

/** The database file and what reads the log. */
export const calls = partOfFaults("calls", {
  about: "database file locked by another program, its writes and flushes slow or failing; log that nobody reads",
  longRounds: 20,
  obstacle: () => (existsSync(strace) ? null : "strace is missing (Debian: apt-get install strace)"),
  async open(size) {
    // Lines are to be enough to fill more than a pipe.
    const arena = await Arena.make({ ...size, settings: { log: ["level: debug", "destination: stderr"] } });
    const faults = [fileLocked, slowSync, failedSync, failedWrite, logUnread];
    return { arena, faults, close: () => arena.close() };
  },
});
