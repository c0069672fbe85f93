import type { Pkcs11Shim, ShimCounters } from "#test/support/pkcs11-shim.js";
import { childrenOf, openFiles, residentBytes } from "#test/support/process-figures.js";
import type { HeldMemory } from "./held-protocol.js";
import { middleOf, type Slope, slopeOf, sum } from "./slope.js";

/** What a server holds at a moment. */
export interface Sample {
  /** Seconds since the run began. */
  readonly seconds: number;
  /** Requests that were answered by then. */
  readonly requests: number;
  readonly serverBytes: number;
  /** What it holds for good; null where it was not asked. */
  readonly held: HeldMemory | null;
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
  counted: Pick<Sample, "seconds" | "requests" | "loopDelay" | "held">,
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

/** What may grow over a run: the middle of the samples of its last quarter against that of its second. */
export interface Growth {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly allowed: number;
}

const mebibyte = 1024 * 1024;

/** Compares what a server held once it was warm with what it holds at the end. Bytes are told in MiB. */
export function growthOf(samples: readonly Sample[]): readonly Growth[] {
  const quarter = Math.floor(samples.length / 4);
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  const compare = (name: string, of: (sample: Sample) => number, allowed: number): Growth => ({
    name,
    before: middleOf(early.map(of)),
    after: middleOf(late.map(of)),
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

/** MiB an hour by which what the server holds, all or of JavaScript, grew in the last three quarters of a run. */
export function memorySlope(samples: readonly Sample[], of: keyof HeldMemory = "bytes"): Slope {
  const late = samples.slice(Math.floor(samples.length / 4));
  return slopeOf(late.flatMap(({ seconds, held }) => (held === null ? [] : [{ seconds, value: held[of] / mebibyte }])));
}

/** The middle of what the samples say about the delay of the event loop, in milliseconds. */
export function usualLoopDelay(samples: readonly Sample[]): number {
  return middleOf(samples.slice(1).map(({ loopDelay }) => loopDelay));
}
