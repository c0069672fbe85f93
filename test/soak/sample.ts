import type { Pkcs11Shim, ShimCounters } from "#test/support/pkcs11-shim.js";
import { childrenOf, openFiles, residentBytes } from "#test/support/process-figures.js";

/** What a server holds at a moment. */
export interface Sample {
  /** Seconds since the run began. */
  readonly seconds: number;
  /** Requests that were answered by then. */
  readonly requests: number;
  readonly serverBytes: number;
  /** What is left of it after all garbage is collected; null where that was not done. */
  readonly heldBytes: number | null;
  /** The largest worker's. */
  readonly workerBytes: number;
  readonly files: number;
  /** Sessions that living workers have open, and objects of their sessions. */
  readonly sessions: number;
  readonly sessionObjects: number;
  /** How late the event loop was since the last sample, in milliseconds, all but one time in a hundred. */
  readonly loopDelay: number;
}

/** Looks at the server's process and, through the module before the token, at its workers. */
export function sampleOf(
  processId: number,
  shim: Pkcs11Shim,
  counted: Pick<Sample, "seconds" | "requests" | "loopDelay" | "heldBytes">,
): Sample {
  const living = livingWorkers(processId, shim);
  return {
    ...counted,
    serverBytes: residentBytes(processId),
    workerBytes: Math.max(0, ...living.map((worker) => residentBytes(worker.processId))),
    files: openFiles(processId),
    sessions: sum(living.map(({ sessions }) => sessions)),
    sessionObjects: sum(living.map(({ sessionObjects }) => sessionObjects)),
  };
}

/** Objects of sessions that the workers of a server have open. */
export function sessionObjectsOf(processId: number, shim: Pkcs11Shim): number {
  return sum(livingWorkers(processId, shim).map(({ sessionObjects }) => sessionObjects));
}

function livingWorkers(processId: number, shim: Pkcs11Shim): readonly ShimCounters[] {
  const workers = new Set(childrenOf(processId));
  return shim.counters().filter((one) => workers.has(one.processId));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** What may grow over a run: the middle of the samples of its last quarter against that of its second. */
export interface Growth {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly allowed: number;
}

const mebibyte = 1024 * 1024;

/** The middle one of some numbers. */
function middle(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Compares what a server held once it was warm with what it holds at the end. Bytes are told in MiB. */
export function growthOf(samples: readonly Sample[]): readonly Growth[] {
  const quarter = Math.floor(samples.length / 4);
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  const compare = (name: string, of: (sample: Sample) => number, allowed: number): Growth => ({
    name,
    before: middle(early.map(of)),
    after: middle(late.map(of)),
    allowed,
  });
  return [
    // Between two full collections the heap grows by about that much.
    compare("server memory, MiB", ({ serverBytes }) => serverBytes / mebibyte, 64),
    compare("worker memory, MiB", ({ workerBytes }) => workerBytes / mebibyte, 32),
    compare("open files", ({ files }) => files, 4),
    compare("sessions", ({ sessions }) => sessions, 2),
    compare("session objects", ({ sessionObjects }) => sessionObjects, 64),
  ];
}

/**
 * MiB an hour by which what the server holds grew in the last three quarters of a run: the middle of all slopes between
 * two samples (Theil and Sen). Garbage does not count: it comes and goes by more in a few minutes.
 */
export function memorySlope(samples: readonly Sample[]): number {
  const late = samples.slice(Math.floor(samples.length / 4));
  const held = late.flatMap(({ seconds, heldBytes }) => (heldBytes === null ? [] : [{ seconds, heldBytes }]));
  const slopes = held.flatMap((one, index) =>
    held
      .slice(index + 1)
      .map((other) => (((other.heldBytes - one.heldBytes) / mebibyte) * 3600) / (other.seconds - one.seconds)),
  );
  return middle(slopes);
}

/** The middle of what the samples say about the delay of the event loop, in milliseconds. */
export function usualLoopDelay(samples: readonly Sample[]): number {
  return middle(samples.slice(1).map(({ loopDelay }) => loopDelay));
}
