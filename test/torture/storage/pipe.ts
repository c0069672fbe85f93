/** A checkpoint file that is a pipe, as collectors read one, and that nobody empties. */
import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Arena } from "./arena.js";
import type { Fault } from "./fault.js";
import { type ArenaSize, type OpenArena, partOfFaults } from "./part.js";

const chunk = Buffer.alloc(4096, 0x0a);

/** A named pipe whose reader can stop reading. */
export class UnreadPipe {
  private file: FileHandle | undefined;
  private isRead = true;
  private reading: Promise<void> | undefined;

  /** Makes the pipe. It is read from now on. */
  async make(path: string): Promise<void> {
    await promisify(execFile)("mkfifo", ["-m", "600", path]);
    this.file = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
    this.reading = this.read(this.file);
  }

  /** Stops reading and fills it, so that whoever writes finds no room. */
  async fill(): Promise<void> {
    const { file } = this;
    if (file === undefined) throw new RangeError("the pipe is not made yet");
    this.isRead = false;
    await untilBlocked(() => file.write(chunk));
  }

  /** Reads what is in it, and goes on reading. */
  async empty(): Promise<void> {
    this.isRead = true;
  }

  async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await this.reading;
    await file?.close();
  }

  private async read(file: FileHandle): Promise<void> {
    const read = Buffer.alloc(chunk.length);
    while (this.file !== undefined) {
      if (this.isRead) await untilBlocked(() => file.read(read, 0, read.length, null));
      await pause(20);
    }
  }
}

/** Does something with a pipe again and again, until it would have to wait. */
async function untilBlocked(work: () => Promise<unknown>): Promise<void> {
  try {
    for (;;) await work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
  }
}

/** From when on requests are refused where no checkpoint is kept, in seconds. */
export const unsecuredAfterSeconds = 3;

/** What tells of a trail that is not secured, and what comes of it. */
export const unsecured = {
  felt: { get: "refused" },
  bearableFor: unsecuredAfterSeconds * 1000,
  answeredWithin: 2000,
  lasts: 8000,
  events: ["checkpoint-failed", "audit-unsecured", "checkpoint-resumed"],
  metrics: { keyreeve_audit_checkpoint_delay_seconds: "above zero" },
  ready: false,
} as const satisfies Partial<Fault>;

function pipeFull(pipe: UnreadPipe): Fault {
  return {
    name: "pipe of the checkpoints full",
    ...unsecured,
    async inject() {
      await pipe.fill();
      return () => pipe.empty();
    },
  };
}

async function openPipe(size: ArenaSize): Promise<OpenArena> {
  const pipe = new UnreadPipe();
  const arena = await Arena.make({
    ...size,
    settings: { audit: ["checkpointSeconds: 1", `refuseAfterSeconds: ${unsecuredAfterSeconds}`] },
    beforeStart: (home) => pipe.make(join(home, "checkpoints.jsonl")),
  });
  return {
    arena,
    faults: [pipeFull(pipe)],
    async close() {
      await arena.close();
      await pipe.close();
    },
  };
}

/** A checkpoint file that is a pipe. */
export const pipe = partOfFaults("pipe", {
  about: "what reads checkpoints from a pipe takes none",
  longRounds: 20,
  obstacle: () => null,
  open: openPipe,
});
