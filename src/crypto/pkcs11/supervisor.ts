import { CryptoError } from "../port.js";
import { BackOff } from "./back-off.js";
import { CallQueue, type PendingCall } from "./call-queue.js";
import { bytesIn, CALL_LIMIT } from "./frames.js";
import type { AnswerFrame, WorkerMethod, WorkerOperations } from "./messages.js";
import { isPinRefusal } from "./pin-guard.js";
import type { CallOptions, SupervisorSettings, WorkerState, WorkerStatus } from "./supervision.js";
import { WorkerProcess } from "./worker-process.js";

/** How often the watchdog looks, as a part of the deadline of a call. */
const WATCHDOG_PARTS = 10;

/** Keeps one worker of one partition alive while it is needed: starts, feeds, watches, restarts and stops it. */
export class Supervisor {
  readonly #settings: SupervisorSettings;
  readonly #backOff: BackOff;
  readonly #queue: CallQueue;
  #state: WorkerState = "stopped";
  #process: WorkerProcess | null = null;
  #flushing = false;
  #watchdog: NodeJS.Timeout | null = null;
  #restartTimer: NodeJS.Timeout | null = null;
  #usedAt: number;
  #restarts = 0;
  #residentBytes = 0;
  #stopped: (() => void)[] = [];
  /** Why this side ended the process; empty where it did not. */
  #endReason = "";

  constructor(settings: SupervisorSettings) {
    this.#settings = settings;
    this.#backOff = new BackOff(settings.now);
    this.#queue = new CallQueue(settings.now, settings.observe);
    this.#usedAt = settings.now();
  }

  /** Whether calls can be sent at once. */
  get ready(): boolean {
    return this.#state === "ready";
  }

  /** Number of calls that wait or are under way. */
  get load(): number {
    return this.#queue.size;
  }

  /** Whether calls are refused for now, because the worker does not start. */
  get refusing(): boolean {
    return this.#backOff.open && !this.running;
  }

  /** Whether there is a worker that has opened its partition. */
  get opened(): boolean {
    return this.#state === "ready" || this.#state === "draining";
  }

  /** Whether a worker process exists or is being started. */
  get running(): boolean {
    return this.#state !== "stopped";
  }

  /** Whether the worker is ready and has nothing to do. */
  get idle(): boolean {
    return this.#state === "ready" && this.#queue.size === 0;
  }

  /** When the last call came, by the clock of the settings. */
  get usedAt(): number {
    return this.#usedAt;
  }

  /** How the worker is doing. */
  status(): WorkerStatus {
    return {
      role: this.#settings.role,
      state: this.#state,
      processId: this.#process?.processId,
      residentBytes: this.#residentBytes,
      waiting: this.#queue.waiting,
      underWay: this.#queue.underWay,
      restarts: this.#restarts,
      circuitOpen: this.#backOff.open,
      lastFailure: this.#backOff.reason,
    };
  }

  /** Has the worker do one operation. Rejects with CryptoError. */
  call<Method extends WorkerMethod>(
    method: Method,
    args: Parameters<WorkerOperations[Method]>,
    options: CallOptions,
  ): Promise<ReturnType<WorkerOperations[Method]>> {
    if (bytesIn(args) > CALL_LIMIT) {
      return Promise.reject(new CryptoError("invalid-data", `more than ${CALL_LIMIT} bytes in one call`));
    }
    if (this.refusing) {
      return Promise.reject(new CryptoError("unavailable", this.#backOff.reason));
    }
    const askedAt = this.#settings.now();
    this.#usedAt = options.background === true ? this.#usedAt : askedAt;
    const timeout = options.timeout ?? this.#settings.callTimeout;
    return new Promise((resolve, reject) => {
      const settle = (value: unknown) => resolve(value as ReturnType<WorkerOperations[Method]>);
      const { repeatable } = options;
      this.adopt([{ method, args, repeatable, timeout, askedAt, resolve: settle, reject }]);
    });
  }

  /** Starts the worker though nothing is asked of it yet. Why it does not start is in the log and the status. */
  warm(): void {
    this.call("checkCanary", [], { repeatable: true, background: true }).catch(() => undefined);
  }

  /** Gives away the calls that wait, for another worker to adopt. */
  surrender(): readonly PendingCall[] {
    return this.#queue.surrender();
  }

  /** Takes calls over from another worker of the partition. */
  adopt(calls: readonly PendingCall[]): void {
    for (const call of calls) {
      this.#queue.push(call);
      this.#wake();
    }
  }

  #wake(): void {
    this.#watchdog ??= setInterval(() => this.#look(), this.#settings.callTimeout / WATCHDOG_PARTS).unref();
    if (this.#state === "stopped") {
      this.#startLater();
    } else if (this.#state === "ready" && !this.#flushing) {
      this.#flushing = true;
      setImmediate(() => {
        this.#flushing = false;
        this.#feed();
      });
    }
  }

  #feed(): void {
    const calls = this.#state === "ready" ? this.#queue.take() : [];
    if (calls.length > 0) {
      this.#process?.send(calls);
    }
  }

  #startLater(): void {
    this.#restartTimer ??= setTimeout(() => {
      this.#restartTimer = null;
      if (this.#state === "stopped" && this.#queue.waiting > 0) {
        this.#state = "starting";
        void this.#settings.admit(() => this.#start()).catch((error: unknown) => this.#startFailed(error));
      }
    }, this.#backOff.delay());
  }

  #startFailed(error: unknown): void {
    this.#state = "stopped";
    this.#failed(error instanceof Error ? error.message : "unknown error");
  }

  /** Starts a process and opens the partition in it; settles when the worker is ready or gone. */
  async #start(): Promise<void> {
    const request = await this.#settings.openRequest();
    if (this.#queue.waiting === 0) {
      request.pin.fill(0);
      this.#state = "stopped";
      return;
    }
    await new Promise<void>((settled) => {
      const child = new WorkerProcess(this.#settings.environment, {
        answered: (frame) => {
          this.#answered(frame);
          if (this.#state === "ready") {
            clearTimeout(limit);
            settled();
          }
        },
        gone: (reason, complaint) => {
          clearTimeout(limit);
          this.#gone(reason, complaint);
          settled();
        },
      });
      const late = () => this.#kill("the worker did not open its partition in time");
      const limit = setTimeout(late, this.#settings.startTimeout);
      this.#process = child;
      child.send([[0, "open", [request]]]);
      request.pin.fill(0);
    });
  }

  #kill(reason: string): void {
    this.#endReason = reason;
    this.#process?.kill();
  }

  #answered(frame: AnswerFrame): void {
    this.#residentBytes = frame.residentBytes;
    if (this.#state === "starting") {
      this.#opened(frame);
    } else if (this.#queue.settle(frame.answers)) {
      const failed = frame.answers.find((answer) => answer[1]?.restart === true);
      this.#kill(failed?.[1]?.message ?? "");
      return;
    } else {
      this.#backOff.succeeded();
      this.#drainWhereWorn(frame);
    }
    this.#feed();
  }

  #opened(frame: AnswerFrame): void {
    const failure = frame.answers[0]?.[1] ?? null;
    if (failure === null) {
      this.#state = "ready";
      this.#settings.logger.info(
        { role: this.#settings.role, processId: this.#process?.processId },
        "HSM worker ready",
      );
      return;
    }
    if (isPinRefusal(failure.returnValue)) {
      this.#settings.pinRefused();
    }
    this.#kill(failure.message);
  }

  #drainWhereWorn(frame: AnswerFrame): void {
    const { residentLimit, operationLimit } = this.#settings;
    if (this.#state === "ready" && (frame.residentBytes > residentLimit || frame.operations > operationLimit)) {
      this.#state = "draining";
    }
    if (this.#state === "draining" && this.#queue.underWay === 0) {
      this.#process?.kill();
    }
  }

  #gone(reason: string, complaint: string): void {
    const intended = this.#state === "draining";
    const why = this.#endReason === "" ? `the HSM worker went away: ${reason}` : this.#endReason;
    this.#process = null;
    this.#endReason = "";
    this.#state = "stopped";
    this.#queue.lost(why);
    for (const stopped of this.#stopped.splice(0)) {
      stopped();
    }
    if (intended) {
      this.#restartWhereNeeded();
      return;
    }
    this.#restarts += 1;
    this.#settings.logger.warn({ role: this.#settings.role, reason: why, complaint }, "HSM worker gone");
    this.#failed(why);
  }

  #failed(reason: string): void {
    this.#backOff.failed(reason);
    if (this.#backOff.open) {
      this.#queue.refuse(reason);
    }
    this.#restartWhereNeeded();
  }

  #restartWhereNeeded(): void {
    if (this.#queue.waiting > 0) {
      this.#wake();
    }
  }

  #look(): void {
    this.#queue.expire();
    const stuck = this.#queue.stuck();
    if (stuck !== null) {
      this.#kill(`no answer to ${stuck} in time`);
    }
    if (this.#queue.size === 0 && this.#watchdog !== null) {
      clearInterval(this.#watchdog);
      this.#watchdog = null;
    }
  }

  /** Refuses what waits, lets what is under way finish, and ends the process. */
  async stop(reason: string): Promise<void> {
    clearTimeout(this.#restartTimer ?? undefined);
    this.#restartTimer = null;
    this.#queue.refuse(reason);
    if (this.#process === null) {
      return;
    }
    const gone = new Promise<void>((resolve) => this.#stopped.push(resolve));
    const working = this.#queue.underWay > 0;
    this.#state = "draining";
    if (!working) {
      this.#process.kill();
    }
    await gone;
  }
}
