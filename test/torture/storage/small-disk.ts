/** A small disk of one test, which can be filled, made to hang, and put to read-only as after an error. Needs root. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, rm, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

const programs = {
  format: "/sbin/mkfs.ext4",
  mount: "/bin/mount",
  unmount: "/bin/umount",
  freeze: "/sbin/fsfreeze",
  device: "/bin/findmnt",
};
const check = "/sbin/e2fsck";
const mostTries = 500;

/** Why there can be no such disk here; null where there can. */
export function noSmallDisk(): string | null {
  if (process.getuid?.() !== 0) return "disks of their own need root, for loop devices and mounts";
  const missing = Object.values(programs).find((path) => !existsSync(path));
  if (missing !== undefined) return `${missing} is missing (Debian: apt-get install e2fsprogs mount util-linux)`;
  return existsSync("/dev/loop-control") ? null : "this machine has no loop devices";
}

const ballast = "ballast";
/** For how long a disk that is being filled has some bytes left, in milliseconds. */
const nearlyFull = 400;
const chunk = Buffer.alloc(65_536, 0x2a);

/** An ext4 file system in a file, mounted through a loop device. */
export class SmallDisk {
  /** Where it is mounted. */
  readonly folder: string;
  private readonly image: string;
  private isMounted = false;
  private isFrozen = false;
  private isFilled = false;
  private filling: Promise<void> = Promise.resolve();

  private readonly inMemory: number | undefined;

  private constructor(place: string, name: string, inMemory?: number) {
    this.inMemory = inMemory;
    this.folder = join(place, name);
    this.image = join(place, `${name}.img`);
  }

  /** Makes a disk called `name` in a folder. `size` is in MiB; of a small one blocks are small, and soon full. */
  static async make(place: string, name: string, size: number): Promise<SmallDisk> {
    const disk = new SmallDisk(place, name);
    await mkdir(disk.folder, { recursive: true });
    await writeFile(disk.image, "");
    await truncate(disk.image, size * 1024 * 1024);
    await run(programs.format, ["-q", "-F", "-m", "0", "-b", size < 64 ? "1024" : "4096", disk.image]);
    await disk.mount();
    return disk;
  }

  /**
   * Makes one in memory, of so many KiB: of those that are full for every file at once, as ext4 is not, which sets space
   * aside for files that grow. It can only be filled.
   */
  static async makeInMemory(place: string, name: string, size: number): Promise<SmallDisk> {
    const disk = new SmallDisk(place, name, size);
    await mkdir(disk.folder, { recursive: true });
    await disk.mount();
    return disk;
  }

  /**
   * Fills it, at first but for so many bytes, soon to the last, and keeps it full, whatever is given back meanwhile,
   * until it is emptied.
   */
  async fill(left: number): Promise<void> {
    await this.takeAll(left);
    this.isFilled = true;
    this.filling = this.keepFull();
  }

  /** Gives the space back. */
  async empty(): Promise<void> {
    this.isFilled = false;
    await this.filling;
    await rm(join(this.folder, ballast), { force: true });
  }

  /** From now on writes wait. */
  async freeze(): Promise<void> {
    await run(programs.freeze, ["--freeze", this.folder]);
    this.isFrozen = true;
  }

  /** Writes go on. */
  async thaw(): Promise<void> {
    if (this.isFrozen) await run(programs.freeze, ["--unfreeze", this.folder]);
    this.isFrozen = false;
  }

  /** Has it fail as after an error of the device: it takes no writes any more, until it is repaired. */
  async fail(): Promise<void> {
    await run(programs.mount, ["-o", "remount,abort", this.folder]);
  }

  /** Takes no writes any more, until it is made writable. It is tried until no file is open for writing. */
  async makeReadOnly(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await run(programs.mount, ["-o", "remount,ro", this.folder]);
        return;
      } catch (error) {
        if (tries === mostTries) throw error;
        await pause(1);
      }
    }
  }

  async makeWritable(): Promise<void> {
    await run(programs.mount, ["-o", "remount,rw", this.folder]);
  }

  /** Repairs it and mounts it anew. Nobody may have anything open on it. */
  async repair(): Promise<void> {
    await run(programs.unmount, [this.folder]);
    this.isMounted = false;
    await run(check, ["-p", this.image]).catch((error: unknown) => {
      // 1: errors were found and mended.
      if (!(error instanceof Error && "code" in error && error.code === 1)) throw error;
    });
    await this.mount();
  }

  /** Unmounts it and removes its files. */
  async remove(): Promise<void> {
    this.isFilled = false;
    await this.filling;
    await this.thaw();
    if (this.isMounted) await run(programs.unmount, [this.folder]);
    this.isMounted = false;
    await rm(this.image, { force: true });
    await rm(this.folder, { recursive: true, force: true });
  }

  private async keepFull(): Promise<void> {
    await pause(nearlyFull);
    while (this.isFilled) {
      await this.takeAll(0);
      await pause(5);
    }
  }

  private async takeAll(left: number): Promise<void> {
    const file = await open(join(this.folder, ballast), "a");
    try {
      // What is written later takes less than was set aside for it: all is taken when nothing was gained.
      for (let size = -1; size !== (await file.stat()).size; await file.sync()) {
        size = (await file.stat()).size;
        await appendUntilFull(file);
      }
      if (left > 0) await file.truncate(Math.max(0, (await file.stat()).size - left));
    } finally {
      await file.close();
    }
  }

  private async mount(): Promise<void> {
    if (this.inMemory !== undefined) {
      await run(programs.mount, ["-t", "tmpfs", "-o", `size=${this.inMemory}k`, "tmpfs", this.folder]);
      this.isMounted = true;
      return;
    }
    await run(programs.mount, ["-o", "loop", this.image, this.folder]);
    this.isMounted = true;
    const { stdout } = await run(programs.device, ["-no", "SOURCE", this.folder]);
    // What ext4 keeps back is lent to some writers: full must be full for all.
    const reserve = join("/sys/fs/ext4", basename(stdout.trim()), "reserved_clusters");
    if (existsSync(reserve)) await writeFile(reserve, "0");
  }
}

async function appendUntilFull(file: FileHandle): Promise<void> {
  try {
    for (;;) await file.appendFile(chunk);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
