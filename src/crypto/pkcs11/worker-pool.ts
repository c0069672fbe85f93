import { CryptoError } from "../port.js";
import type { FaultReports } from "./fault-reports.js";
import type { WorkerMethod, WorkerOperations } from "./messages.js";
import type { CallOptions } from "./supervision.js";
import type { Supervisor } from "./supervisor.js";

/** With so many calls before the least busy worker, another one is started where the partition may have it. */
const CROWDED = 2;

/** Whether a call is answered sooner by the one than by the other, as far as can be told: no call goes behind one that may hang. */
function isBetter(one: Supervisor, other: Supervisor): boolean {
  return one.slow === other.slow ? one.load < other.load : other.slow;
}

type StreamStep = NonNullable<CallOptions["stream"]>;

/** How a pool makes its workers. */
export interface WorkerPoolOptions {
  /** Most workers of the pool. */
  readonly limit: number;
  /** Most calls that wait or are under way at all of them together. */
  readonly queueLimit: number;
  readonly make: () => Supervisor;
  readonly reports: FaultReports;
  /** Whether there is room for one more process without ending another. */
  readonly hasRoom: () => boolean;
}

/**
 * The workers of one partition that do the same work. A call goes to the first of the least busy ones, so that a
 * partition with little to do keeps to one worker; the others are started as calls pile up and stop when idle.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #supervisors: Supervisor[] = [];
  /** Where the operations in parts are under way. */
  readonly #streams = new Map<string, Supervisor>();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** All workers there ever were, running or not. */
  get supervisors(): readonly Supervisor[] {
    return this.#supervisors;
  }

  /** Workers that have opened their partition. */
  get opened(): readonly Supervisor[] {
    return this.#supervisors.filter((supervisor) => supervisor.opened);
  }

  /** Has one worker do an operation. Rejects with CryptoError. */
  call<Method extends WorkerMethod>(
    method: Method,
    args: Parameters<WorkerOperations[Method]>,
    options: CallOptions,
  ): Promise<ReturnType<WorkerOperations[Method]>> {
    const load = this.#supervisors.reduce((sum, supervisor) => sum + supervisor.load, 0);
    if (load >= this.#options.queueLimit) {
      this.#options.reports.refused("queue", 1);
      return Promise.reject(new CryptoError("overloaded", "the queue of the partition is full"));
    }
    const { stream } = options;
    if (stream === undefined) return this.#leastBusy().call(method, args, options);
    const answer = this.#streaming(stream).call(method, args, options);
    answer.catch(() => this.#streams.delete(stream.name));
    return answer;
  }

  /** Has every worker that is open do an operation, and gives their answers. A worker that is gone meanwhile gives none. */
  async everywhere<Method extends WorkerMethod>(
    method: Method,
    args: Parameters<WorkerOperations[Method]>,
  ): Promise<ReturnType<WorkerOperations[Method]>[]> {
    const answers = await Promise.allSettled(
      this.opened.map((supervisor) => supervisor.call(method, args, { repeatable: true, background: true })),
    );
    return answers.flatMap((answer) => {
      if (answer.status === "fulfilled") return [answer.value];
      if (answer.reason instanceof CryptoError && answer.reason.code === "unavailable") return [];
      throw answer.reason;
    });
  }

  /** The worker that has a stream; another one answers that there is none. */
  #streaming({ name, step }: StreamStep): Supervisor {
    const supervisor = this.#streams.get(name) ?? this.#leastBusy();
    if (step === "open") this.#streams.set(name, supervisor);
    else if (step === "end") this.#streams.delete(name);
    return supervisor;
  }

  #leastBusy(): Supervisor {
    let best: Supervisor | undefined;
    for (const supervisor of this.#supervisors) {
      if (supervisor.ready && (best === undefined || isBetter(supervisor, best))) best = supervisor;
    }
    if (best === undefined) return this.#supervisors.find(({ running }) => running) ?? this.#stopped();
    if (best.load >= CROWDED) this.#startAnother();
    return best;
  }

  /** A worker that does not run; the first that may be started at once, where there is one. */
  #stopped(): Supervisor {
    return this.#supervisors.find(({ refusing }) => !refusing) ?? this.#supervisors[0] ?? this.#add();
  }

  #add(): Supervisor {
    const supervisor = this.#options.make();
    this.#supervisors.push(supervisor);
    return supervisor;
  }

  /** Starts one more worker, unless one is on its way. It takes calls once it is open. */
  #startAnother(): void {
    const running = this.#supervisors.filter((supervisor) => supervisor.running).length;
    const isOnItsWay = this.#supervisors.some((supervisor) => supervisor.running && !supervisor.opened);
    if (isOnItsWay || running >= this.#options.limit || !this.#options.hasRoom()) return;
    const stopped = this.#supervisors.find((supervisor) => !supervisor.running);
    if (stopped?.refusing === true) return;
    (stopped ?? this.#add()).warm();
  }

  /** The least busy worker that the partition can do without: there is another open one, and no stream is open in it. */
  get dispensable(): Supervisor | undefined {
    const ready = this.#supervisors.filter((supervisor) => supervisor.ready);
    const streaming = new Set(this.#streams.values());
    if (ready.length < 2) return undefined;
    return ready.filter((one) => !streaming.has(one)).sort((one, other) => one.load - other.load)[0];
  }

  /** Ends a dispensable worker; what waits there is done by the others. */
  async retire(supervisor: Supervisor): Promise<void> {
    const other = this.#supervisors.find((one) => one !== supervisor && one.ready);
    other?.adopt(supervisor.surrender());
    await supervisor.stop("the worker makes room for another");
  }
}
