import { CryptoError, type CryptoErrorCode } from "../port.js";
import { bytesIn, FRAME_FILL } from "./frames.js";
import type { AnswerMessage, CallMessage, FailureMessage, WorkerMethod } from "./messages.js";

/** Most calls a worker has before it at any time; the others wait, where they can still be given up. */
const WINDOW = 64;

/** Milliseconds: most calls take a few of them. */
const SLOW = 100;

/** A call is sent at most so often. */
const ATTEMPTS = 2;

/** One call that has not been answered yet. */
export interface PendingCall {
  readonly method: WorkerMethod;
  readonly args: readonly unknown[];
  /** It does no harm to do it twice. */
  readonly repeatable: boolean;
  /** Milliseconds without an answer after which the worker that has it counts as hung. */
  readonly timeout: number;
  /** Milliseconds it waits for a worker, at each attempt. */
  readonly patience: number;
  readonly askedAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CryptoError) => void;
}

interface NumberedCall extends PendingCall {
  readonly id: number;
  attempts: number;
  /** From when its patience counts: a call that is repeated waits anew. */
  waitingSince: number;
}

/** Told of every call that is settled: its latency in milliseconds, and how it ended. */
export type CallObserver = (method: WorkerMethod, latency: number, outcome: "ok" | CryptoErrorCode) => void;

function failureOf(failure: FailureMessage): CryptoError {
  const options = failure.returnValue === undefined ? {} : { returnValue: failure.returnValue };
  return new CryptoError(failure.code as CryptoErrorCode, failure.message, options);
}

/** The calls of one worker, waiting and under way, in the order they came. */
export class CallQueue {
  readonly #now: () => number;
  readonly #observe: CallObserver;
  #waiting: NumberedCall[] = [];
  readonly #underWay = new Map<number, NumberedCall>();
  #nextId = 1;
  #lastProgress = 0;
  /** Milliseconds that the worker has asked for beyond the deadline of its call, until its next frame. */
  #allowance = 0;
  /** Calls that were under way when a worker died go one at a time, so that the one which kills is found out. */
  #suspects = 0;

  constructor(now: () => number, observe: CallObserver) {
    this.#now = now;
    this.#observe = observe;
  }

  /** Number of calls that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Number of calls the worker has. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Number of all calls. */
  get size(): number {
    return this.#waiting.length + this.#underWay.size;
  }

  /** Whether the worker has calls, and has said nothing for longer than most of them take. */
  get slow(): boolean {
    return this.#underWay.size > 0 && this.#silence > SLOW;
  }

  /** Adds a call. */
  push(call: PendingCall): void {
    this.#waiting.push({ ...call, id: this.#nextId, attempts: 0, waitingSince: call.askedAt });
    this.#nextId += 1;
  }

  /** The calls to send next, as many as the worker may have. */
  take(): CallMessage[] {
    const window = this.#suspects > 0 ? 1 : WINDOW;
    const batch = this.#waiting.splice(0, this.#fitting(window - this.#underWay.size));
    if (this.#underWay.size === 0) {
      this.#lastProgress = this.#now();
    }
    for (const call of batch) {
      call.attempts += 1;
      this.#underWay.set(call.id, call);
    }
    return batch.map(({ id, method, args }) => [id, method, args]);
  }

  /** How many of the calls that wait, but not more than `most`, fill one frame. */
  #fitting(most: number): number {
    let bytes = 0;
    let count = 0;
    while (count < most && bytes < FRAME_FILL) {
      const call = this.#waiting[count];
      if (call === undefined) {
        break;
      }
      bytes += bytesIn(call.args);
      count += 1;
    }
    return count;
  }

  /**
   * Settles answered calls. True where the worker is to be replaced; what may be repeated then stays under way.
   * `allowance`: so many milliseconds more the worker may be silent now, as it waits for a disk.
   */
  settle(answers: readonly AnswerMessage[], allowance = 0): boolean {
    this.#lastProgress = this.#now();
    this.#allowance = allowance;
    let replace = false;
    for (const [id, failure, value] of answers) {
      const call = this.#underWay.get(id);
      if (call === undefined) {
        continue;
      }
      replace ||= failure?.restart === true;
      if (failure?.restart === true && call.repeatable && call.attempts < ATTEMPTS) {
        continue;
      }
      this.#underWay.delete(id);
      this.#suspects = Math.max(0, this.#suspects - 1);
      if (failure === null) {
        this.#observe(call.method, this.#now() - call.askedAt, "ok");
        call.resolve(value);
      } else {
        this.#reject(call, failureOf(failure));
      }
    }
    return replace;
  }

  #reject(call: PendingCall, error: CryptoError): void {
    this.#observe(call.method, this.#now() - call.askedAt, error.code);
    call.reject(error);
  }

  /** The worker is gone: what may be repeated waits again, the rest is refused. Gives how many calls are repeated. */
  lost(reason: string): number {
    this.#allowance = 0;
    const again: NumberedCall[] = [];
    for (const call of this.#underWay.values()) {
      if (call.repeatable && call.attempts < ATTEMPTS) {
        call.waitingSince = this.#now();
        again.push(call);
      } else {
        this.#reject(call, new CryptoError("unavailable", reason));
      }
    }
    this.#underWay.clear();
    this.#waiting.unshift(...again);
    this.#suspects = again.length;
    return again.length;
  }

  /** Gives away all calls that wait. */
  surrender(): readonly PendingCall[] {
    return this.#waiting.splice(0);
  }

  /** Refuses all calls that wait, and gives how many. */
  refuse(reason: string): number {
    this.#suspects = 0;
    const refused = this.#waiting.splice(0);
    for (const call of refused) {
      this.#reject(call, new CryptoError("unavailable", reason));
    }
    return refused.length;
  }

  /** Refuses calls that have waited longer than they may, and gives how many. */
  expire(): number {
    const now = this.#now();
    const late = new Set(this.#waiting.filter((call) => now - call.waitingSince > call.patience));
    if (late.size > 0) {
      this.#waiting = this.#waiting.filter((call) => !late.has(call));
      for (const call of late) {
        const message = `no worker was free for ${call.method} in ${call.patience} ms`;
        this.#reject(call, new CryptoError("unavailable", message));
      }
    }
    return late.size;
  }

  get #silence(): number {
    return this.#now() - this.#lastProgress;
  }

  /** The operation that the worker has been at for longer than it may; null where there is none. */
  stuck(): WorkerMethod | null {
    const oldest: NumberedCall | undefined = this.#underWay.values().next().value;
    const late = oldest !== undefined && this.#silence > oldest.timeout + this.#allowance;
    return late ? oldest.method : null;
  }
}
