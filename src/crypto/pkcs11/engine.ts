import type { Log } from "#src/telemetry/log.js";
import { CryptoError, type Partition, type RootPartition } from "../port.js";
import type { CallObserver } from "./call-queue.js";
import type { ModuleLocation, TokenName } from "./messages.js";
import { type CallWorker, partitionOver, rootPartitionOver } from "./partition.js";
import { PinGuard } from "./pin-guard.js";
import type { WorkerRole, WorkerStatus } from "./supervision.js";
import { Supervisor } from "./supervisor.js";
import { bindToken, initialiseFolder, workerEnvironment } from "./token-setup.js";

/** How the engine runs its workers. Everything has a default but the logger. */
export interface HsmEngineOptions {
  readonly logger: Log;
  /** Most worker processes at a time, of all partitions together. */
  readonly workersMax?: number;
  /** A worker without calls for so long is stopped. */
  readonly idleStopSeconds?: number;
  readonly callTimeoutMilliseconds?: number;
  /** Making a key pair may take so long. */
  readonly pairTimeoutMilliseconds?: number;
  readonly startTimeoutMilliseconds?: number;
  /** Most calls that wait or are under way at one worker. */
  readonly queueLimit?: number;
  /** Most session objects a worker keeps open. */
  readonly handleLimit?: number;
  readonly residentLimitBytes?: number;
  readonly operationLimit?: number;
  /** Milliseconds of a clock that never runs backwards. */
  readonly now?: () => number;
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
  readonly workers: readonly WorkerStatus[];
}

const DEFAULTS = {
  workersMax: 32,
  idleStopSeconds: 300,
  callTimeoutMilliseconds: 10_000,
  pairTimeoutMilliseconds: 120_000,
  startTimeoutMilliseconds: 15_000,
  queueLimit: 4096,
  handleLimit: 4096,
  residentLimitBytes: 512 * 1024 * 1024,
  operationLimit: 1_000_000,
  now: () => performance.now(),
  observe: () => undefined,
} as const;

/** How often idle workers are looked for, in milliseconds, and how long a start waits for a place. */
const HOUSEKEEPING_INTERVAL = 1000;
const PLACE_ATTEMPTS = 100;
const PLACE_PAUSE = 50;

interface OpenPartition {
  readonly options: PartitionOptions;
  readonly supervisors: Map<WorkerRole, Supervisor>;
  readonly pinGuard: PinGuard;
  /** Starts of one partition go one after the other: a login rewrites a file that the next start reads. */
  starting: Promise<unknown>;
}

/** Runs the partitions of all tenants, each in worker processes of its own. */
export class HsmEngine {
  readonly #options: Required<HsmEngineOptions>;
  readonly #partitions = new Map<string, OpenPartition>();
  readonly #housekeeping: NodeJS.Timeout;
  #stopped = false;

  constructor(options: HsmEngineOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#housekeeping = setInterval(() => this.#stopIdle(), HOUSEKEEPING_INTERVAL).unref();
  }

  /** Makes a token with its partition's own keys, in a folder of its own. */
  initialiseToken(options: InitialiseTokenOptions): Promise<TokenName> {
    const { module, folder, label, root } = options;
    const userPin = Buffer.from(options.userPin);
    const securityOfficerPin = Buffer.from(options.securityOfficerPin);
    const request = { module, tokenLabel: label, userPin, securityOfficerPin, root: root === true };
    return initialiseFolder(folder, request).finally(() => {
      userPin.fill(0);
      securityOfficerPin.fill(0);
    });
  }

  /** Binds to a token that exists, making the partition's own keys where they are missing. */
  async bindToken(options: BindTokenOptions): Promise<TokenName> {
    const { module, tokenLabel, tokenSerial, root } = options;
    const folder = options.folder ?? null;
    const pin = await options.pin();
    const securityOfficerPin =
      options.securityOfficerPin === undefined ? null : Buffer.from(options.securityOfficerPin);
    const handleLimit = this.#options.handleLimit;
    const open = { module, tokenFolder: folder, tokenLabel, tokenSerial, pin, handleLimit };
    return bindToken({ open, securityOfficerPin, root: root === true }, folder).finally(() => {
      pin.fill(0);
      securityOfficerPin?.fill(0);
    });
  }

  /** The partition of a tenant. Its workers start at the first call. Asked again with the same options, it is the same. */
  partition(options: PartitionOptions): Partition {
    this.#register(options);
    return partitionOver(this.#caller(options.tenantId), this.#options.pairTimeoutMilliseconds);
  }

  /** The server's own partition. */
  rootPartition(options: PartitionOptions): RootPartition & Partition {
    const partition = this.partition(options);
    return { ...partition, ...rootPartitionOver(this.#caller(options.tenantId)) };
  }

  #register(options: PartitionOptions): void {
    if (!this.#partitions.has(options.tenantId)) {
      this.#partitions.set(options.tenantId, {
        options,
        supervisors: new Map(),
        pinGuard: new PinGuard(this.#options.now),
        starting: Promise.resolve(),
      });
    }
  }

  #caller(tenantId: string): CallWorker {
    return (role, method, args, options) => {
      const partition = this.#partitions.get(tenantId);
      if (partition === undefined || this.#stopped) {
        return Promise.reject(new CryptoError("unavailable", "the partition is stopped"));
      }
      return this.#supervisor(partition, role).call(method, args, options);
    };
  }

  #supervisor(partition: OpenPartition, role: WorkerRole): Supervisor {
    const existing = partition.supervisors.get(role);
    if (existing !== undefined) {
      return existing;
    }
    const { options, pinGuard } = partition;
    const engine = this.#options;
    const folder = options.folder ?? null;
    const supervisor = new Supervisor({
      role,
      environment: workerEnvironment(folder),
      openRequest: async () => {
        const pin = await options.pin();
        pinGuard.trying(pin);
        const { module, tokenLabel, tokenSerial } = options;
        return { module, tokenFolder: folder, tokenLabel, tokenSerial, pin, handleLimit: engine.handleLimit };
      },
      pinRefused: () => pinGuard.refused(),
      admit: (start) => this.#admit(partition, start),
      callTimeout: engine.callTimeoutMilliseconds,
      startTimeout: engine.startTimeoutMilliseconds,
      queueLimit: engine.queueLimit,
      residentLimit: engine.residentLimitBytes,
      operationLimit: engine.operationLimit,
      logger: engine.logger.child({ tenantId: options.tenantId }),
      now: engine.now,
      observe: (...settled) => engine.observe(options.tenantId, ...settled),
    });
    partition.supervisors.set(role, supervisor);
    return supervisor;
  }

  #admit(partition: OpenPartition, start: () => Promise<void>): Promise<void> {
    const turn = partition.starting.then(async () => {
      await this.#place();
      await start();
    });
    partition.starting = turn.catch(() => undefined);
    return turn;
  }

  #running(): Supervisor[] {
    return [...this.#partitions.values()]
      .flatMap((partition) => [...partition.supervisors.values()])
      .filter((supervisor) => supervisor.processId !== undefined);
  }

  /** Waits until there is room for one more process, ending the worker that has been idle for longest where need be. */
  async #place(): Promise<void> {
    for (let attempt = 0; attempt < PLACE_ATTEMPTS; attempt += 1) {
      const running = this.#running();
      if (running.length < this.#options.workersMax) {
        return;
      }
      const idle = running.filter((supervisor) => supervisor.idle).sort((a, b) => a.usedAt - b.usedAt)[0];
      if (idle === undefined) {
        await new Promise((resolve) => setTimeout(resolve, PLACE_PAUSE));
      } else {
        await idle.stop("the worker makes room for another");
      }
    }
    throw new CryptoError("overloaded", "all HSM workers are busy");
  }

  #stopIdle(): void {
    const limit = this.#options.now() - this.#options.idleStopSeconds * 1000;
    for (const supervisor of this.#running()) {
      if (supervisor.idle && supervisor.usedAt < limit) {
        void supervisor.stop("the worker is idle").catch(() => undefined);
      }
    }
  }

  /** How many session objects the worker for short calls holds; bounded by the handle limit. */
  sessionObjects(tenantId: string): Promise<number> {
    return this.#caller(tenantId)("fast", "sessionObjects", [], { repeatable: true, background: true });
  }

  /** How the partitions are doing. */
  status(): PartitionStatus[] {
    return [...this.#partitions].map(([tenantId, partition]) => ({
      tenantId,
      workers: [...partition.supervisors.values()].map((supervisor) => supervisor.status()),
    }));
  }

  /** Ends the workers of a partition and forgets it; calls under way finish, calls that wait are refused. */
  async stopPartition(tenantId: string): Promise<void> {
    const partition = this.#partitions.get(tenantId);
    this.#partitions.delete(tenantId);
    const supervisors = [...(partition?.supervisors.values() ?? [])];
    await Promise.all(supervisors.map((supervisor) => supervisor.stop("the partition is stopped")));
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#housekeeping);
    await Promise.all([...this.#partitions.keys()].map((tenantId) => this.stopPartition(tenantId)));
  }
}

/** An engine without partitions yet. */
export function createHsmEngine(options: HsmEngineOptions): HsmEngine {
  return new HsmEngine(options);
}
