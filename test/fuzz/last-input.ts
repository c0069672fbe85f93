import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The input that a process is at, in a file that outlives it. */
export class LastInput {
  private readonly descriptor: number;

  constructor(private readonly path: string) {
    this.descriptor = openSync(path, "w");
  }

  note(input: Buffer): void {
    ftruncateSync(this.descriptor, input.length);
    writeSync(this.descriptor, input, 0, input.length, 0);
  }

  /** Nothing has happened: the file goes. */
  close(): void {
    closeSync(this.descriptor);
    rmSync(this.path, { force: true });
  }
}

/** Where the last input of a target stands; in memory where the system has files there. */
export function lastInputFile(target: string, seed: number): string {
  return join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `keyreeve-fuzz-${target}-${seed}.bin`);
}

/** What stands there, and the file goes. */
export function takeLastInput(path: string): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const input = readFileSync(path);
  rmSync(path, { force: true });
  return input;
}
