/** A disk of which copies can be made while it is written to, as a power cut would leave it. Needs root. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const programs = ["/sbin/mkfs.ext4", "/bin/mount", "/bin/umount", "/sbin/dumpe2fs"] as const;
const [makeFileSystem, mount, unmount, describe] = programs;

/** Why there can be no such disk here; null where there can. */
export function noLoopDisk(): string | null {
  if (process.getuid?.() !== 0) return "power cuts need root, for loop devices and mounts";
  const missing = programs.find((path) => !existsSync(path));
  if (missing !== undefined) return `${missing} is missing (Debian: apt-get install e2fsprogs mount)`;
  return existsSync("/dev/loop-control") ? null : "this machine has no loop devices";
}

/** An image with an ext4 file system, mounted through a loop device. */
export class LoopDisk {
  readonly image: string;
  /** Where it is mounted. */
  readonly folder: string;
  private isMounted = false;

  private constructor(place: string) {
    this.image = join(place, "disk");
    this.folder = join(place, "mnt");
    mkdirSync(this.folder, { recursive: true });
  }

  /** Makes an empty disk in a folder of its own. `size` is in MiB; room is taken only for what is written. */
  static async make(place: string, size: number): Promise<LoopDisk> {
    const disk = new LoopDisk(place);
    await run("truncate", ["-s", `${size}M`, disk.image]);
    await run(makeFileSystem, ["-q", "-F", disk.image]);
    await disk.mount();
    return disk;
  }

  /**
   * Copies what is on the disk, and nothing that was not written through to it. The processes that write to it must
   * stand still. The copy is not mounted.
   */
  async copy(place: string): Promise<LoopDisk> {
    const disk = new LoopDisk(place);
    await run("cp", ["--sparse=always", this.image, disk.image]);
    return disk;
  }

  /** Whether the file system was not unmounted in order, so that mounting it has to play its journal. */
  async needsRecovery(): Promise<boolean> {
    const { stdout } = await run(describe, ["-h", this.image], { env: { ...process.env, LC_ALL: "C" } });
    return /^Filesystem features:.*\bneeds_recovery\b/m.test(stdout);
  }

  async mount(): Promise<void> {
    await run(mount, ["-o", "loop", this.image, this.folder]);
    this.isMounted = true;
  }

  /** Writes through what is in memory only. */
  async writeThrough(): Promise<void> {
    await run("sync", ["-f", this.folder]);
  }

  /** Unmounts it and removes its files. */
  async remove(): Promise<void> {
    if (this.isMounted) await run(unmount, [this.folder]);
    this.isMounted = false;
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.image, { force: true });
  }
}
