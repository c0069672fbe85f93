import { type ChildProcess, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { encodeFrame, FrameReader } from "./frames.js";
import type { AnswerFrame, CallMessage } from "./messages.js";

const ENTRY = fileURLToPath(new URL("./worker/main.js", import.meta.url));

/** Place of the message port among the file descriptors of the worker. */
const PORT_DESCRIPTOR = 3;

/** What a worker wrote to its standard error at most, in characters, for the log. */
const COMPLAINT_LIMIT = 2000;

/** How long a process that was killed may take to end before it is said to linger, in milliseconds. */
const LINGER_AFTER = 1000;

/** What is said of a process that lingers. */
export const lingering = "the worker was killed and does not end: it waits for the disk or the device of its token";

/** What a worker process reports. */
export interface WorkerListener {
  answered(frame: AnswerFrame): void;
  /** The process is gone; `complaint` is the end of its standard error. Called exactly once. */
  gone(reason: string, complaint: string): void;
  /**
   * The process was killed and is still there: it waits for its disk or device in the kernel, and ends, without doing
   * anything more, when that answers. Called once at most, before `gone`.
   */
  lingers?(): void;
}

/** One HSM worker process and the message port to it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #port: Duplex;
  readonly #reader = new FrameReader();
  readonly #listener: WorkerListener;
  #lingering: NodeJS.Timeout | undefined;
  #complaint = "";
  #gone = false;

  /** Starts the process with nothing of the server's environment but what is named here. */
  constructor(environment: Readonly<Record<string, string>>, listener: WorkerListener) {
    this.#listener = listener;
    this.#child = spawn(process.execPath, ["--disable-proto=throw", ENTRY], {
      env: { ...environment },
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    const port = this.#child.stdio[PORT_DESCRIPTOR];
    if (!(port instanceof Duplex)) {
      throw new TypeError("the worker process has no message port");
    }
    this.#port = port;
    port.on("data", (chunk: Buffer) => this.#read(chunk));
    port.on("error", () => this.kill());
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_LIMIT);
    });
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("exit", (code, signal) => this.#end(signal ?? `exit code ${code}`));
  }

  /** Number of the process; undefined where it did not start. */
  get processId(): number | undefined {
    return this.#child.pid;
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        this.#listener.answered(frame.value as AnswerFrame);
      }
    } catch (error) {
      this.#complaint += error instanceof Error ? error.message : "";
      this.kill();
    }
  }

  #end(reason: string): void {
    if (!this.#gone) {
      this.#gone = true;
      clearTimeout(this.#lingering);
      this.#port.destroy();
      this.#listener.gone(reason, this.#complaint);
    }
  }

  /** Sends calls as one frame. */
  send(calls: readonly CallMessage[]): void {
    const frame = encodeFrame(calls);
    this.#port.write(frame, () => frame.fill(0));
  }

  /** Ends the process at once. Safe at any time: nothing it holds is not held elsewhere. */
  kill(): void {
    this.#child.kill("SIGKILL");
    if (!this.#gone) this.#lingering ??= setTimeout(() => this.#listener.lingers?.(), LINGER_AFTER).unref();
  }
}
