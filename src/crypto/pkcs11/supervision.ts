import type { Log } from "#src/telemetry/log.js";
import type { BackOff } from "./back-off.js";
import type { CallObserver } from "./call-queue.js";
import type { PartitionReport, RestartCause } from "./faults.js";
import type { OpenRequest } from "./messages.js";

/** What a worker of a partition is for: short calls, or the slow making of key pairs. */
export type WorkerRole = "fast" | "generate";

/** What a supervisor works with. Times in milliseconds. */
export interface SupervisorSettings {
  readonly role: WorkerRole;
  readonly environment: Readonly<Record<string, string>>;
  /** Gives what the worker is opened with; fetches the PIN. */
  openRequest(): Promise<OpenRequest>;
  /** Told that the token refused the PIN, and whether it counts that. */
  pinRefused(counted: boolean): void;
  /** The circuit that all workers of the partition share. */
  readonly backOff: BackOff;
  /** Waits for a place among the worker processes and for other starts of the same partition, then runs the start. */
  admit(start: () => Promise<void>): Promise<void>;
  readonly callTimeout: number;
  /** How long a call waits for a worker. */
  readonly waitTimeout: number;
  readonly startTimeout: number;
  /** A worker beyond one of these is drained and replaced. */
  readonly residentLimit: number;
  readonly operationLimit: number;
  readonly logger: Log;
  /** A clock that never runs backwards. */
  now(): number;
  readonly observe: CallObserver;
  readonly report: (report: PartitionReport) => void;
}

/** Why this side ends a worker process. */
export interface Ending {
  readonly cause: RestartCause;
  readonly reason: string;
}

/** How a worker is doing. */
export interface WorkerStatus {
  readonly role: WorkerRole;
  readonly state: WorkerState;
  readonly processId: number | undefined;
  readonly residentBytes: number;
  readonly waiting: number;
  readonly underWay: number;
  /** How often the process went away unasked. */
  readonly restarts: number;
  readonly circuitOpen: boolean;
  /** Why the last worker or start failed; empty where none did. */
  readonly lastFailure: string;
}

/** The life of a worker; `draining` takes no more calls and ends when those under way are answered. */
export type WorkerState = "stopped" | "starting" | "ready" | "draining";

/** How a call is to be treated. */
export interface CallOptions {
  /** It does no harm to do it twice. */
  readonly repeatable: boolean;
  /** Milliseconds it may take; the default is that of the settings. */
  readonly timeout?: number;
  /** The server's own check, which does not count as use. */
  readonly background?: boolean;
  /** It belongs to an operation in parts, all of which go to the worker that has it open. */
  readonly stream?: { readonly name: string; readonly step: "open" | "update" | "end" };
}
