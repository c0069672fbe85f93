/** Faults of disks and of what takes log lines, for a server with SQLite. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { openConnection } from "#storage/drivers/index.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo } from "#test/support/server.js";
import { Arena, type DiskName } from "./arena.js";
import { type Fault, withoutDatabase } from "./fault.js";
import { partOfFaults } from "./part.js";
import { noSmallDisk } from "./small-disk.js";

/** Bytes that a full disk may still have, drawn anew each time: where the last write fails is not always the same. */
const mostLeft: Readonly<Record<DiskName, number>> = { database: 48 * 1024, tokens: 4096 };

function full(name: DiskName): Fault["inject"] {
  return async (arena, random) => {
    const disk = arena.disk(name);
    await disk.fill(random(mostLeft[name]));
    return () => disk.empty();
  };
}

const databaseFull: Fault = {
  name: "disk of the database full",
  ...withoutDatabase,
  listsTenants: true,
  answeredWithin: 2000,
  lasts: 2500,
  inject: full("database"),
};

const tokensFull: Fault = {
  name: "disk of the tokens full",
  felt: { makeInToken: "scarce", get: "served" },
  repeatedEvents: ["token-full"],
  ready: true,
  answeredWithin: 2000,
  lasts: 2500,
  inject: full("tokens"),
};

const databaseHangs: Fault = {
  name: "disk of the database hangs",
  ...withoutDatabase,
  answeredWithin: 5000,
  lasts: 8000,
  async inject(arena) {
    const disk = arena.disk("database");
    await disk.freeze();
    return () => disk.thaw();
  },
};

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

/** What fsync takes longer, in microseconds. */
const slowMicroseconds = 1_000_000;

const slowSync: Fault = {
  name: "each fsync takes a second",
  felt: { get: "slowed" },
  answeredWithin: 10_000,
  lasts: 6000,
  async inject(arena) {
    const calls = "fsync,fdatasync";
    const rule = `inject=${calls}:delay_exit=${slowMicroseconds}`;
    const target = ["-p", String(arena.server.process.pid)];
    const tracer = spawn("strace", ["-f", "-qq", "-e", `trace=${calls}`, "-e", rule, "-o", "/dev/null", ...target]);
    const ended = once(tracer, "exit");
    await pause(300);
    if (tracer.exitCode !== null) throw new Error("strace does not attach (Debian: apt-get install strace)");
    return async () => {
      tracer.kill("SIGINT");
      await ended;
    };
  },
};

/** What a pipe and the streams at its ends hold, and some more, in characters. */
const pipeful = 300_000;

/** Makes lines of the log until it is stopped: requests that are refused. */
async function makeNoise(arena: Arena, isOver: () => boolean): Promise<void> {
  const client = await connectTo(arena.server);
  const payload = { uniqueIdentifier: named("nothing") };
  while (!isOver()) await ask(client, V2_1, { operation: Operation.Get, payload });
  await client.close();
}

const logUnread: Fault = {
  name: "nobody reads the log",
  felt: { get: "served" },
  ready: true,
  answeredWithin: 2000,
  lasts: 6000,
  async inject(arena) {
    const { stdout, stderr } = arena.server.process;
    for (const stream of [stdout, stderr]) stream?.pause();
    let isOver = false;
    const before = arena.server.output().length;
    const noise = Array.from({ length: 6 }, () => makeNoise(arena, () => isOver));
    return async () => {
      isOver = true;
      await Promise.all(noise);
      for (const stream of [stdout, stderr]) stream?.resume();
      await pause(300);
      const written = arena.server.output().length - before;
      if (written < pipeful) throw new Error(`only ${written} characters waited: the pipe was not full`);
    };
  },
};

const strace = "/usr/bin/strace";

/** Disks of the database and of the tokens, the database file, and what reads the log. */
export const disks = partOfFaults("disks", {
  about: "disk of the database full, hanging, slow; its file locked; disk of the tokens full; log that nobody reads",
  longRounds: 20,
  obstacle: () => (existsSync(strace) ? noSmallDisk() : "strace is missing (Debian: apt-get install strace)"),
  async open(size) {
    const arena = await Arena.make({
      ...size,
      disks: { database: 96, tokens: 24 },
      // Space is to run out, not to be kept back; and lines are to be enough to fill a pipe.
      settings: { disk: ["reserveMebibytes: 0"], log: ["level: debug", "destination: stderr"] },
    });
    const faults = [databaseFull, tokensFull, databaseHangs, fileLocked, slowSync, logUnread];
    return { arena, faults, close: () => arena.close() };
  },
});
