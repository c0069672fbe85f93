import type { CryptoErrorCode } from "../../port.js";
import type { FaultName } from "../faults.js";
import type { NotedFault } from "../messages.js";
import type { WorkerFailure } from "./errors.js";

/** Faults whose failures say by their code alone which they are. */
const FAULT_OF_CODE: Readonly<Partial<Record<CryptoErrorCode, FaultName>>> = {
  "key-missing": "key-missing",
  "token-full": "token-full",
  damaged: "key-damaged",
  "device-error": "device-error",
};

const NOTHING: readonly NotedFault[] = [];

let noted: NotedFault[] = [];

/** Notes a fault for the next frame to the server: one that a call met, or one that was overcome. */
export function noteFault(note: NotedFault): void {
  noted.push(note);
}

/** Notes what a failed call met, where that is a fault and not the caller's mistake. */
export function noteFailure(failure: WorkerFailure, call: string, objectId: string | undefined): void {
  const fault = failure.fault ?? FAULT_OF_CODE[failure.code];
  if (fault === undefined) return;
  const { message, returnValue } = failure;
  noteFault({
    fault,
    message,
    call,
    retried: false,
    ...(objectId === undefined ? {} : { objectId }),
    ...(returnValue === undefined ? {} : { returnValue }),
  });
}

/** How long the disk may take with what a module left unwritten, in milliseconds. */
const DISK_ALLOWANCE = 10_000;

let announce: (allowance: number) => void = () => undefined;

/** Sets how the server is told at once that the worker will be silent for longer. */
export function announceBy(tell: (allowance: number) => void): void {
  announce = tell;
}

/** Runs what waits for the disk, which is no hang of the module. */
export function awaitingDisk<Result>(run: () => Result): Result {
  announce(DISK_ALLOWANCE);
  try {
    return run();
  } finally {
    announce(0);
  }
}

/** What was noted since the last time. */
export function takeNotes(): readonly NotedFault[] {
  if (noted.length === 0) return NOTHING;
  const taken = noted;
  noted = [];
  return taken;
}
