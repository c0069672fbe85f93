/** Faults of the disks of the database, the tokens and the checkpoints, that end by themselves. */
import { openConnection } from "#storage/drivers/index.js";
import { Arena, type DiskName } from "./arena.js";
import { type Fault, withoutDatabase } from "./fault.js";
import { partOfFaults } from "./part.js";
import { unsecured, unsecuredAfterSeconds } from "./pipe.js";
import { noSmallDisk } from "./small-disk.js";

/** Bytes that a disk may still have at first, drawn anew each time: where the last write fails is not always the same. */
const mostLeft: Readonly<Record<DiskName, number>> = { database: 48 * 1024, tokens: 4096, checkpoints: 2048 };

function full(name: DiskName): Fault["inject"] {
  return async (arena, random) => {
    const disk = arena.disk(name);
    await disk.fill(random(mostLeft[name]));
    return () => disk.empty();
  };
}

function frozen(name: DiskName): Fault["inject"] {
  return async (arena) => {
    const disk = arena.disk(name);
    await disk.freeze();
    return () => disk.thaw();
  };
}

/** Gives back what the write-ahead log of the database takes: as long as it can be written over, a full disk is not felt. */
async function cutLog(arena: Arena): Promise<void> {
  const connection = await openConnection(arena.database, "migrate");
  try {
    await connection.command("pragma wal_checkpoint(truncate)");
  } finally {
    await connection.close();
  }
}

const databaseFull: Fault = {
  name: "disk of the database full",
  ...withoutDatabase,
  listsTenants: true,
  answeredWithin: 2000,
  lasts: 3500,
  async inject(arena, random) {
    await cutLog(arena);
    return full("database")(arena, random);
  },
};

/** Keys that clients destroy meanwhile leave room for others. */
const tokensFull: Fault = {
  name: "disk of the tokens full",
  felt: { makeInToken: "scarce", get: "served" },
  repeatedEvents: ["token-full"],
  metrics: { keyreeve_hsm_faults_total: "counts" },
  ready: true,
  answeredWithin: 2000,
  lasts: 2500,
  inject: full("tokens"),
};

const tokensReadOnly: Fault = {
  name: "file system of the tokens read-only",
  felt: { makeInToken: "refused", get: "served" },
  repeatedEvents: ["device-error"],
  metrics: { keyreeve_hsm_faults_total: "counts" },
  ready: true,
  answeredWithin: 2000,
  lasts: 2500,
  async inject(arena) {
    const disk = arena.disk("tokens");
    await disk.makeReadOnly();
    return () => disk.makeWritable();
  },
};

const checkpointsFull: Fault = {
  name: "disk of the checkpoints full",
  ...unsecured,
  inject: full("checkpoints"),
};

const databaseHangs: Fault = {
  name: "disk of the database hangs",
  ...withoutDatabase,
  answeredWithin: 5000,
  lasts: 8000,
  inject: frozen("database"),
};

/** The worker that makes a key hangs, and with it all that its partition does: no other is started to hang, too. */
const tokensHang: Fault = {
  name: "disk of the tokens hangs",
  felt: { makeInToken: "refused", get: "slowed" },
  repeatedEvents: ["worker-hung"],
  metrics: { keyreeve_hsm_faults_total: "counts" },
  answeredWithin: 5000,
  lasts: 9000,
  inject: frozen("tokens"),
};

/** Disks of the database, of the tokens and of the checkpoints. */
export const disks = partOfFaults("disks", {
  about: "disks of the database, the tokens and the checkpoints full, hanging, read-only",
  longRounds: 20,
  obstacle: noSmallDisk,
  async open(size) {
    const arena = await Arena.make({
      ...size,
      disks: { database: 96, tokens: 48 },
      memoryDisks: { checkpoints: 512 },
      // Space is to run out, not to be kept back.
      settings: {
        disk: ["reserveMebibytes: 0"],
        audit: ["checkpointSeconds: 1", `refuseAfterSeconds: ${unsecuredAfterSeconds}`],
      },
    });
    const faults = [databaseFull, tokensFull, checkpointsFull, tokensReadOnly, databaseHangs, tokensHang];
    return { arena, faults, close: () => arena.close() };
  },
});
