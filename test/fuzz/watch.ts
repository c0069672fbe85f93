import { writeFileSync } from "node:fs";

/** Beat, length of the input. */
export const headWords = 2;

/** A process that does not work but waits is given so many times as long. */
const waitingFactor = 20;

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
  let worked = process.cpuUsage();
  let beatAt = performance.now();
  setInterval(() => {
    const now = Atomics.load(words, 0);
    if (now !== last || now === 0) {
      last = now;
      worked = process.cpuUsage();
      beatAt = performance.now();
      return;
    }
    // A machine that does much else may not have let this process do anything.
    const isWorking = process.cpuUsage(worked).user / 1000 > milliseconds;
    if (!isWorking && performance.now() - beatAt < waitingFactor * milliseconds) return;
    writeFileSync(file, bytes.slice(0, Atomics.load(words, 1)));
    const what = `${target}: an execution did not end within ${milliseconds} ms; its input is in ${file}`;
    process.stdout.write(`FINDING: ${what}\n0 passed, 1 failed\n`, () => process.kill(process.pid, "SIGKILL"));
  }, milliseconds);
}
