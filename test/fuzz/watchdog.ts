import { Worker } from "node:worker_threads";
import { headWords, type WatchSetting } from "./watch.js";

/** The longest input that a stopped run can tell. */
const roomBytes = 4 * 1024 * 1024;
/**
 * Watches from a thread of its own whether executions end: one that never does is told by nobody else. Then the input
 * is written to a file, the run says so and ends with exit code 1.
 */
export class Watchdog {
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly worker: Worker;

  constructor(setting: Omit<WatchSetting, "memory">) {
    const memory = new SharedArrayBuffer(headWords * 4 + roomBytes);
    this.words = new Int32Array(memory, 0, headWords);
    this.bytes = new Uint8Array(memory, headWords * 4);
    this.worker = new Worker(new URL("./watchdog-thread.js", import.meta.url), { workerData: { ...setting, memory } });
    this.worker.unref();
  }

  /** An execution begins. */
  begins(input: Buffer): void {
    this.bytes.set(input.subarray(0, roomBytes));
    this.words[1] = Math.min(input.length, roomBytes);
    Atomics.add(this.words, 0, 1);
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
