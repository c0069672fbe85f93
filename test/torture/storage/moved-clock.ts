/** A clock that is the machine's and so many seconds beside it, for processes that libfaketime is loaded into. */
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const libraries = "/usr/lib";

/** The library that moves the clock; undefined where it is not installed. */
export function clockLibrary(): string | undefined {
  return readdirSync(libraries)
    .map((name) => join(libraries, name, "faketime", "libfaketimeMT.so.1"))
    .find((path) => existsSync(path));
}

/** Moves the clock that dates are told by; that by which time limits run goes on. */
export class MovedClock {
  private readonly folder = mkdtempSync(join(tmpdir(), "keyreeve-clock-"));
  private offset = 0;

  constructor() {
    this.set(0);
  }

  /** The environment of the processes that go by it. */
  environment(library: string): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** Sets it so many seconds beside the machine's; gives by how many it stepped. */
  set(seconds: number): number {
    const step = seconds - this.offset;
    this.offset = seconds;
    writeFileSync(`${this.file}.new`, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}\n`);
    renameSync(`${this.file}.new`, this.file);
    return step;
  }

  /** What it shows, in seconds since 1970. */
  now(): number {
    return Math.floor(Date.now() / 1000) + this.offset;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get file(): string {
    return join(this.folder, "offset");
  }
}
