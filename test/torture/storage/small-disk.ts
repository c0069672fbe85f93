/** A small disk of one test, which can be filled, made to hang, and put to read-only as after an error. Needs root. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const programs = { format: "/sbin/mkfs.ext4", mount: "/bin/mount", unmount: "/bin/umount", freeze: "/sbin/fsfreeze" };
const check = "/sbin/e2fsck";

/** Why there can be no such disk here; null where there can. */
export function noSmallDisk(): string | null {
  if (process.getuid?.() !== 0) return "disks of their own need root, for loop devices and mounts";
  const missing = Object.values(programs).find((path) => !existsSync(path));
  if (missing !== undefined) return `${missing} is missing (Debian: apt-get install e2fsprogs mount util-linux)`;
  return existsSync("/dev/loop-control") ? null : "this machine has no loop devices";
}

const ballast = "ballast";
const chunk = Buffer.alloc(65_536, 0x2a);

/** An ext4 file system in a file, mounted through a loop device. */
export class SmallDisk {
  /** Where it is mounted. */
  readonly folder: string;
  private readonly image: string;
  private isMounted = false;
  private isFrozen = false;

  private constructor(place: string, name: string) {
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

  /** Fills it until nothing more can be written, but for so many bytes. */
  async fill(left: number): Promise<void> {
    const file = await open(join(this.folder, ballast), "a");
    try {
      for (;;) await file.appendFile(chunk);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      const { size } = await file.stat();
      await file.truncate(Math.max(0, size - left));
    } finally {
      await file.close();
    }
  }

  /** Gives the space back. */
  async empty(): Promise<void> {
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
    await this.thaw();
    if (this.isMounted) await run(programs.unmount, [this.folder]);
    this.isMounted = false;
    await rm(this.image, { force: true });
    await rm(this.folder, { recursive: true, force: true });
  }

  private async mount(): Promise<void> {
    await run(programs.mount, ["-o", "loop", this.image, this.folder]);
    this.isMounted = true;
  }
}
