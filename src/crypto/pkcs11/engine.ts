import { join } from "node:path";
import { CryptoError, type Partition, type RootPartition } from "../port.js";
import { BackOff } from "./back-off.js";
import {
  type BindTokenOptions,
  DEFAULTS,
  type HsmEngineOptions,
  type InitialiseTokenOptions,
  type PartitionOptions,
  type PartitionStatus,
} from "./engine-options.js";
import { FaultReports } from "./fault-reports.js";
import type { PartitionReport } from "./faults.js";
import type { TokenName } from "./messages.js";
import { type CallWorker, type CallWorkers, partitionOver, rootPartitionOver } from "./partition.js";
import { PartitionHealth } from "./partition-health.js";
import { PinGuard } from "./pin-guard.js";
import { RefusedPinFile } from "./refused-pin-file.js";
import type { SupervisorSettings, WorkerRole } from "./supervision.js";
import { Supervisor } from "./supervisor.js";
import { bindToken, followMove, initialiseFolder, workerEnvironment } from "./token-setup.js";
import { WorkerPool } from "./worker-pool.js";

/** How often idle workers are looked for, in milliseconds. */
const HOUSEKEEPING_INTERVAL = 1000;

/** How often, and after what pause in milliseconds, a start asks for a place among the workers. */
const PLACE_ATTEMPTS = 100;
const PLACE_PAUSE = 50;

export type { BindTokenOptions, HsmEngineOptions, InitialiseTokenOptions, PartitionOptions, PartitionStatus };

interface OpenPartition {
  readonly pools: Readonly<Record<WorkerRole, WorkerPool>>;
  readonly health: PartitionHealth;
  readonly backOff: BackOff;
  readonly report: (report: PartitionReport) => void;
}

/** Runs the partitions of all tenants, each in worker processes of its own. */
export class HsmEngine {
  readonly #options: Required<HsmEngineOptions>;
  readonly #partitions = new Map<string, OpenPartition>();
  /** Starts of one partition go one after the other: a login rewrites a file that the next start reads. */
  readonly #starts = new Map<string, Promise<unknown>>();
  readonly #timers: readonly NodeJS.Timeout[];
  /** Workers that were given a place and are not ready yet. */
  #placed = 0;
  #stopped = false;

  constructor(options: HsmEngineOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#timers = [
      setInterval(() => this.#stopIdle(), HOUSEKEEPING_INTERVAL).unref(),
      setInterval(() => this.#checkHealth(), this.#options.healthIntervalMilliseconds).unref(),
    ];
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
    const { tenantId } = options;
    return partitionOver(this.#caller(tenantId), this.#callerOfAll(tenantId), this.#options.pairTimeoutMilliseconds);
  }

  /** The server's own partition. */
  rootPartition(options: PartitionOptions): RootPartition & Partition {
    const partition = this.partition(options);
    return { ...partition, ...rootPartitionOver(this.#caller(options.tenantId)) };
  }

  #register(options: PartitionOptions): void {
    if (this.#partitions.has(options.tenantId)) return;
    const { now, workersPerPartition, queueLimit } = this.#options;
    const report = (one: PartitionReport) => this.#options.report(options.tenantId, one);
    const pinGuard = new PinGuard(this.#refusedPinFile(options.tenantId));
    const backOff = new BackOff(now, (open, reason) => report({ on: "circuit", open, reason }));
    const hasRoom = () => this.#opened().length + this.#placed < this.#options.workersMax;
    const pool = (role: WorkerRole, limit: number) => {
      const make = () => this.#supervisor(options, { pinGuard, backOff, report }, role);
      return new WorkerPool({ limit, queueLimit, hasRoom, make, reports: new FaultReports(report) });
    };
    const pools = { fast: pool("fast", workersPerPartition), generate: pool("generate", 1) };
    this.#partitions.set(options.tenantId, { pools, backOff, report, health: new PartitionHealth() });
  }

  #refusedPinFile(tenantId: string): RefusedPinFile | undefined {
    const folder = this.#options.refusedPinsFolder;
    return folder === null ? undefined : new RefusedPinFile(join(folder, tenantId));
  }

  #pools(tenantId: string): OpenPartition["pools"] | null {
    return this.#stopped ? null : (this.#partitions.get(tenantId)?.pools ?? null);
  }

  #caller(tenantId: string): CallWorker {
    return (role, method, args, options) => {
      const pools = this.#pools(tenantId);
      if (pools === null) {
        return Promise.reject(new CryptoError("unavailable", "the partition is stopped"));
      }
      return pools[role].call(method, args, options);
    };
  }

  #callerOfAll(tenantId: string): CallWorkers {
    return async (method, args) => {
      const pools = Object.values(this.#pools(tenantId) ?? {});
      return (await Promise.all(pools.map((pool) => pool.everywhere(method, args)))).flat();
    };
  }

  #supervisor(
    options: PartitionOptions,
    { pinGuard, ...circuit }: Pick<SupervisorSettings, "backOff" | "report"> & { readonly pinGuard: PinGuard },
    role: WorkerRole,
  ): Supervisor {
    const engine = this.#options;
    const folder = options.folder ?? null;
    return new Supervisor({
      role,
      environment: workerEnvironment(options.module, folder),
      openRequest: async () => {
        if (folder !== null) await followMove(folder);
        const pin = await options.pin();
        const pinRefusedBefore = await pinGuard.trying(pin);
        const { module, tokenLabel, tokenSerial } = options;
        const { handleLimit } = engine;
        return { module, tokenFolder: folder, tokenLabel, tokenSerial, pin, pinRefusedBefore, handleLimit };
      },
      pinRefused: (counted) => {
        pinGuard.refused(counted, options.pin).catch((error: unknown) => {
          engine.logger.error({ tenantId: options.tenantId, error }, "a refused PIN cannot be remembered on disk");
        });
      },
      ...circuit,
      admit: (start) => this.#admit(options.tenantId, start),
      callTimeout: engine.callTimeoutMilliseconds,
      waitTimeout: engine.waitTimeoutMilliseconds,
      startTimeout: engine.startTimeoutMilliseconds,
      residentLimit: engine.residentLimitBytes,
      operationLimit: engine.operationLimit,
      logger: engine.logger.child({ tenantId: options.tenantId }),
      now: engine.now,
      observe: (...settled) => engine.observe(options.tenantId, ...settled),
    });
  }

  #admit(tenantId: string, start: () => Promise<void>): Promise<void> {
    const turn = (this.#starts.get(tenantId) ?? Promise.resolve()).then(async () => {
      await this.#place();
      this.#placed += 1;
      try {
        await this.#options.inTurn(tenantId, start);
      } finally {
        this.#placed -= 1;
      }
    });
    const settled = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#starts.get(tenantId) === settled) {
          this.#starts.delete(tenantId);
        }
      });
    this.#starts.set(tenantId, settled);
    return turn;
  }

  #allPools(): WorkerPool[] {
    return [...this.#partitions.values()].flatMap(({ pools }) => Object.values(pools));
  }

  #opened(): Supervisor[] {
    return this.#allPools().flatMap((pool) => pool.opened);
  }

  /** Waits until there is room for one more process, ending a worker that can be done without where need be. */
  async #place(): Promise<void> {
    for (let attempt = 0; attempt < PLACE_ATTEMPTS; attempt += 1) {
      const opened = this.#opened();
      if (opened.length + this.#placed < this.#options.workersMax) {
        return;
      }
      const isRoomMade = await this.#makeRoom(opened);
      if (!isRoomMade) await new Promise((resolve) => setTimeout(resolve, PLACE_PAUSE));
    }
    throw new CryptoError("overloaded", "all HSM workers are busy");
  }

  /** Ends the worker that has been idle for longest, or else one of the partition that has most. */
  async #makeRoom(opened: readonly Supervisor[]): Promise<boolean> {
    const idle = opened.filter((supervisor) => supervisor.idle).sort((a, b) => a.usedAt - b.usedAt)[0];
    if (idle !== undefined) {
      await idle.stop("the worker makes room for another");
      return true;
    }
    const largest = this.#allPools().sort((a, b) => b.opened.length - a.opened.length)[0];
    const dispensable = largest?.dispensable;
    if (dispensable === undefined) return false;
    await largest?.retire(dispensable);
    return true;
  }

  /** Checks the partitions that have a worker or cannot get one; those that nobody uses are checked when they start. */
  #checkHealth(): void {
    for (const [tenantId, { pools, health, backOff, report }] of this.#partitions) {
      const isInUse = pools.fast.opened.length > 0 || backOff.failing || !health.healthy;
      if (!isInUse || pools.fast.supervisors.length === 0) continue;
      const ask = () => pools.fast.call("checkCanary", [], { repeatable: true, background: true });
      void health.check(ask, (healthy) => {
        this.#options.logger.warn({ tenantId, healthy }, "health of the partition changed");
        report({ on: "health", healthy });
      });
    }
  }

  #stopIdle(): void {
    const limit = this.#options.now() - this.#options.idleStopSeconds * 1000;
    for (const supervisor of this.#opened()) {
      if (supervisor.idle && supervisor.usedAt < limit) {
        void supervisor.stop("the worker is idle").catch(() => undefined);
      }
    }
  }

  /** How many session objects the workers of a partition hold together; each at most as many as the handle limit says. */
  async sessionObjects(tenantId: string): Promise<number> {
    const answers = await this.#callerOfAll(tenantId)("sessionObjects", []);
    return answers.reduce((sum, answer) => sum + answer, 0);
  }

  /** How the partitions are doing. */
  status(): PartitionStatus[] {
    return [...this.#partitions].map(([tenantId, partition]) => ({
      tenantId,
      healthy: partition.health.healthy,
      circuitOpen: partition.backOff.tripped,
      workers: Object.values(partition.pools).flatMap((pool) => pool.supervisors.map((one) => one.status())),
    }));
  }

  /** Ends the workers of a partition and forgets it; calls under way finish, calls that wait are refused. */
  async stopPartition(tenantId: string): Promise<void> {
    const partition = this.#partitions.get(tenantId);
    this.#partitions.delete(tenantId);
    const supervisors = Object.values(partition?.pools ?? {}).flatMap((pool: WorkerPool) => pool.supervisors);
    await Promise.all(supervisors.map((supervisor) => supervisor.stop("the partition is stopped")));
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
    await Promise.all([...this.#partitions.keys()].map((tenantId) => this.stopPartition(tenantId)));
  }
}

/** An engine without partitions yet. */
export function createHsmEngine(options: HsmEngineOptions): HsmEngine {
  return new HsmEngine(options);
}
