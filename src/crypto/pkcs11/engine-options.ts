import type { Log } from "#src/telemetry/log.js";
import type { CallObserver } from "./call-queue.js";
import type { PartitionReport } from "./faults.js";
import type { ModuleLocation } from "./messages.js";
import type { WorkerStatus } from "./supervision.js";

/** How the engine runs its workers. Everything has a default but the logger. */
export interface HsmEngineOptions {
  readonly logger: Log;
  /** Most worker processes at a time, of all partitions together. */
  readonly workersMax?: number;
  /** Most workers of one partition for short calls: for devices that are slow, or do several things at once. */
  readonly workersPerPartition?: number;
  /** A worker without calls for so long is stopped. */
  readonly idleStopSeconds?: number;
  /** After so long without an answer to a short call its worker counts as hung. */
  readonly callTimeoutMilliseconds?: number;
  /** How long a call waits for a worker that is free. */
  readonly waitTimeoutMilliseconds?: number;
  /** Making a key pair may take so long. */
  readonly pairTimeoutMilliseconds?: number;
  readonly startTimeoutMilliseconds?: number;
  /** How often the partitions in use are checked. */
  readonly healthIntervalMilliseconds?: number;
  /** Most calls that wait or are under way at one worker. */
  readonly queueLimit?: number;
  /** Where PINs are remembered that tokens have refused which do not count failures; null for not at all. */
  readonly refusedPinsFolder?: string | null;
  /** Most session objects a worker keeps open. */
  readonly handleLimit?: number;
  readonly residentLimitBytes?: number;
  readonly operationLimit?: number;
  /** Milliseconds of a clock that never runs backwards. */
  readonly now?: () => number;
  /** Starts a worker of a partition while no other process that works on the same token starts one. */
  readonly inTurn?: (tenantId: string, start: () => Promise<void>) => Promise<void>;
  /** Told of faults and of what was done about them. */
  readonly report?: (tenantId: string, report: PartitionReport) => void;
  /** Told of every settled call. */
  readonly observe?: (tenantId: string, ...settled: Parameters<CallObserver>) => void;
}

/** Where a partition is and how it is opened. */
export interface PartitionOptions {
  readonly tenantId: string;
  readonly module: ModuleLocation;
  /** SoftHSM: the folder made by `initialiseToken`. Other modules: none. */
  readonly folder?: string;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  /** Gives the user PIN; asked at every start of a worker. The engine zeroes what it gets. */
  readonly pin: () => Promise<Buffer>;
}

/** What a new token is made from. The engine zeroes neither PIN; the caller does. */
export interface InitialiseTokenOptions {
  readonly module: ModuleLocation;
  /** SoftHSM: a folder that does not exist yet. */
  readonly folder: string;
  readonly label: string;
  readonly userPin: Buffer;
  readonly securityOfficerPin: Buffer;
  /** True for the server's own partition. */
  readonly root?: boolean;
}

/** A token that exists, to be made a partition. */
export interface BindTokenOptions extends Omit<PartitionOptions, "tenantId"> {
  /** Only for a token without a user PIN, which then gets the one that `pin` gives. */
  readonly securityOfficerPin?: Buffer;
  /** True for the server's own partition. */
  readonly root?: boolean;
}

/** How a partition is doing. */
export interface PartitionStatus {
  readonly tenantId: string;
  /** Unhealthy after two checks in a row without an answer or a canary, healthy again after three good ones. */
  readonly healthy: boolean;
  /** Calls are refused, or the next one is a trial: workers have failed several times in a row. */
  readonly circuitOpen: boolean;
  readonly workers: readonly WorkerStatus[];
}

/** What the options are where they are not given. */
export const DEFAULTS = {
  workersMax: 32,
  workersPerPartition: 1,
  idleStopSeconds: 300,
  callTimeoutMilliseconds: 1200,
  waitTimeoutMilliseconds: 10_000,
  pairTimeoutMilliseconds: 120_000,
  startTimeoutMilliseconds: 15_000,
  healthIntervalMilliseconds: 5000,
  queueLimit: 4096,
  refusedPinsFolder: null,
  handleLimit: 4096,
  residentLimitBytes: 512 * 1024 * 1024,
  operationLimit: 1_000_000,
  now: () => performance.now(),
  inTurn: (_tenantId: string, start: () => Promise<void>) => start(),
  report: () => undefined,
  observe: () => undefined,
} as const;
