import { writeFileSync } from "node:fs";

/** Beat, length of the input. */
export const headWords = 2;

/** What the thread that watches is given. */
export interface WatchSetting {
  readonly memory: SharedArrayBuffer;
  /** Without a beat for so long, the run is stopped. */
  readonly milliseconds: number;
  readonly target: string;
  /** Where the input is left that was at work. */
  readonly file: string;
}

/** What the thread does: looks again and again, until it is ended or the beat stops. */
export function watch({ memory, milliseconds, target, file }: WatchSetting): void {
  const words = new Int32Array(memory, 0, headWords);
  const bytes = new Uint8Array(memory, headWords * 4);
  let last = Atomics.load(words, 0);
  setInterval(() => {
    const now = Atomics.load(words, 0);
    if (now !== last || now === 0) {
      last = now;
      return;
    }
    writeFileSync(file, bytes.slice(0, Atomics.load(words, 1)));
    const what = `${target}: an execution did not end within ${milliseconds} ms; its input is in ${file}`;
    process.stdout.write(`FINDING: ${what}\n0 passed, 1 failed\n`, () => process.kill(process.pid, "SIGKILL"));
  }, milliseconds);
}
