import { CryptoError } from "../port.js";
import type { BackOff } from "./back-off.js";
import { CallQueue, type PendingCall } from "./call-queue.js";
import { deadlineOf } from "./deadlines.js";
import { FaultReports } from "./fault-reports.js";
import { bytesIn, CALL_LIMIT } from "./frames.js";
import type { AnswerFrame, AnswerMessage, WorkerMethod, WorkerOperations } from "./messages.js";
import { isPinRefusal, PinNotTried } from "./pin-guard.js";
import type { CallOptions, Ending, SupervisorSettings, WorkerState, WorkerStatus } from "./supervision.js";
import { Watchdog } from "./watchdog.js";
import { lingering, type WorkerProcess } from "./worker-process.js";
import { startWorker } from "./worker-start.js";

const tooLong = () => new CryptoError("invalid-data", `more than ${CALL_LIMIT} bytes in one call`);

/** Keeps one worker of one partition alive while it is needed: starts, feeds, watches, restarts and stops it. */
export class Supervisor {
  readonly #settings: SupervisorSettings;
  readonly #backOff: BackOff;
  readonly #queue: CallQueue;
  readonly #reports: FaultReports;
  #state: WorkerState = "stopped";
  #process: WorkerProcess | null = null;
  #flushing = false;
  readonly #watchdog: Watchdog;
  #restartTimer: NodeJS.Timeout | null = null;
  #usedAt: number;
  #restarts = 0;
  #residentBytes = 0;
  #stopped: (() => void)[] = [];
  /** Whether the process was killed and does not end; until it has, there is no other one. */
  #lingers = false;
  /** Why this side ends the process; null where it does not, or where nobody need hear of it. */
  #ending: Ending | null = null;

  constructor(settings: SupervisorSettings) {
    this.#settings = settings;
    this.#backOff = settings.backOff;
    this.#reports = new FaultReports(settings.report);
    this.#queue = new CallQueue(settings.now, settings.observe);
    this.#watchdog = new Watchdog(settings.callTimeout, () => this.#look());
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

  /** Whether the worker is at a call for longer than most take: it may hang, which is known only later. */
  get slow(): boolean {
    return this.#queue.slow;
  }

  /** Whether calls are refused for now, because the worker does not start. */
  get refusing(): boolean {
    return this.#lingers || (this.#backOff.open && !this.running);
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
    const bytes = bytesIn(args);
    if (bytes > CALL_LIMIT) return Promise.reject(tooLong());
    if (this.refusing) {
      this.#reports.refused("circuit", 1);
      return Promise.reject(new CryptoError("unavailable", this.#lingers ? lingering : this.#backOff.reason));
    }
    const askedAt = this.#settings.now();
    this.#usedAt = options.background === true ? this.#usedAt : askedAt;
    const timeout = options.timeout ?? deadlineOf(method, args, bytes, this.#settings.callTimeout);
    const patience = Math.max(timeout, this.#settings.waitTimeout);
    return new Promise((resolve, reject) => {
      const settle = (value: unknown) => resolve(value as ReturnType<WorkerOperations[Method]>);
      this.adopt([
        { method, args, repeatable: options.repeatable, timeout, patience, askedAt, resolve: settle, reject },
      ]);
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
    if (this.#queue.waiting === 0) return;
    this.#watchdog.start();
    if (this.#state === "stopped") this.#startLater();
    else if (this.#state === "ready" && !this.#flushing) {
      this.#flushing = true;
      setImmediate(() => {
        this.#flushing = false;
        this.#feed();
      });
    }
  }

  #feed(): void {
    const calls = this.#state === "ready" ? this.#queue.take() : [];
    if (calls.length > 0) this.#process?.send(calls);
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
    const reason = error instanceof Error ? error.message : "unknown error";
    this.#reports.fault(error instanceof PinNotTried ? "pin-refused" : "worker-not-opened", reason);
    this.#failed(reason);
  }

  /** Starts a process and opens the partition in it; settles when the worker is ready or gone. */
  async #start(): Promise<void> {
    const request = await this.#settings.openRequest();
    if (this.#queue.waiting === 0) {
      request.pin.fill(0);
      this.#state = "stopped";
      return;
    }
    const { environment, startTimeout } = this.#settings;
    const { child, settled } = startWorker(environment, request, startTimeout, {
      answered: (frame) => {
        this.#answered(frame);
        return this.#state === "ready";
      },
      late: () => this.#kill({ cause: "hung", reason: "the worker did not open its partition in time" }, "open"),
      gone: (reason, complaint) => this.#gone(reason, complaint),
      lingers: () => this.#linger(),
    });
    this.#process = child;
    await settled;
  }

  #kill(ending: Ending, call: string): void {
    this.#ending = ending;
    if (ending.cause === "hung") this.#reports.fault("worker-hung", ending.reason, call);
    this.#process?.kill();
  }

  #answered(frame: AnswerFrame): void {
    this.#residentBytes = frame.residentBytes;
    this.#reports.noted(frame.faults ?? []);
    if (this.#state === "starting") {
      const [opened] = frame.answers;
      if (opened !== undefined) this.#opened(opened, frame.faults);
    } else if (this.#queue.settle(frame.answers, frame.allowance)) {
      const failed = frame.answers.find((answer) => answer[1]?.restart === true);
      this.#kill({ cause: "fault", reason: failed?.[1]?.message ?? "" }, "");
      return;
    } else if (frame.answers.length > 0) {
      this.#backOff.succeeded();
      this.#drainWhereWorn(frame);
    }
    this.#feed();
  }

  #opened([, failure]: AnswerMessage, faults: AnswerFrame["faults"]): void {
    if (failure === null) {
      this.#state = "ready";
      const { logger, role } = this.#settings;
      logger.info({ role, processId: this.#process?.processId }, "HSM worker ready");
      return;
    }
    if (isPinRefusal(failure.returnValue)) this.#settings.pinRefused(failure.pinFailuresCounted === true);
    if (faults === undefined) this.#reports.fault("worker-not-opened", failure.message);
    this.#kill({ cause: "not-opened", reason: failure.message }, "open");
  }

  #drainWhereWorn(frame: AnswerFrame): void {
    const { residentLimit, operationLimit } = this.#settings;
    if (this.#state === "ready" && (frame.residentBytes > residentLimit || frame.operations > operationLimit)) {
      this.#state = "draining";
      this.#ending = { cause: "worn", reason: "the worker has become large or has done its share" };
    }
    if (this.#state === "draining" && this.#queue.underWay === 0) this.#process?.kill();
  }

  /** Nobody waits for a worker that neither works nor ends, and no other is started to wait for the same. */
  #linger(): void {
    this.#lingers = true;
    this.#state = "draining";
    const { logger, role } = this.#settings;
    logger.warn({ role, processId: this.#process?.processId }, lingering);
    this.#queue.lost(lingering);
    this.#reports.refused("circuit", this.#queue.refuse(lingering));
    for (const stopped of this.#stopped.splice(0)) stopped();
  }

  #gone(reason: string, complaint: string): void {
    this.#lingers = false;
    const intended = this.#state === "draining" && (this.#ending === null || this.#ending.cause === "worn");
    const ending: Ending = this.#ending ?? { cause: "crashed", reason: `the HSM worker went away: ${reason}` };
    this.#process = null;
    this.#state = "stopped";
    this.#reports.repeated(this.#queue.lost(ending.reason));
    if (!intended || this.#ending !== null) this.#reports.restarted(ending);
    this.#ending = null;
    for (const stopped of this.#stopped.splice(0)) stopped();
    if (!intended) {
      this.#restarts += 1;
      this.#settings.logger.warn({ role: this.#settings.role, reason: ending.reason, complaint }, "HSM worker gone");
      this.#failed(ending.reason);
    } else this.#wake();
  }

  #failed(reason: string): void {
    this.#backOff.failed(reason);
    if (this.#backOff.open) this.#reports.refused("circuit", this.#queue.refuse(reason));
    this.#wake();
  }

  #look(): void {
    this.#reports.refused("wait", this.#queue.expire());
    const stuck = this.#queue.stuck();
    if (stuck !== null && this.#ending?.cause !== "hung") {
      this.#kill({ cause: "hung", reason: `no answer to ${stuck} in time` }, stuck);
    }
    if (this.#queue.size === 0) this.#watchdog.stop();
  }

  /** Refuses what waits, lets what is under way finish, and ends the process. */
  async stop(reason: string): Promise<void> {
    clearTimeout(this.#restartTimer ?? undefined);
    this.#restartTimer = null;
    this.#queue.refuse(reason);
    if (this.#process === null) return;
    const gone = new Promise<void>((resolve) => this.#stopped.push(resolve));
    const working = this.#queue.underWay > 0;
    this.#state = "draining";
    if (!working) this.#process.kill();
    await gone;
  }
}
