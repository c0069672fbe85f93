import { CryptoError, type Partition, type RootPartition } from "../port.js";
import {
  type BindTokenOptions,
  DEFAULTS,
  type HsmEngineOptions,
  type InitialiseTokenOptions,
  type PartitionOptions,
  type PartitionStatus,
} from "./engine-options.js";
import type { TokenName } from "./messages.js";
import { type CallWorker, partitionOver, rootPartitionOver } from "./partition.js";
import { PartitionHealth } from "./partition-health.js";
import { PinGuard } from "./pin-guard.js";
import type { WorkerRole } from "./supervision.js";
import { Supervisor } from "./supervisor.js";
import { bindToken, initialiseFolder, workerEnvironment } from "./token-setup.js";

/** How often idle workers are looked for and partitions are checked, in milliseconds. */
const HOUSEKEEPING_INTERVAL = 1000;
const HEALTH_INTERVAL = 5000;

/** How often, and after what pause in milliseconds, a start asks for a place among the workers. */
const PLACE_ATTEMPTS = 100;
const PLACE_PAUSE = 50;

export type { BindTokenOptions, HsmEngineOptions, InitialiseTokenOptions, PartitionOptions, PartitionStatus };

interface OpenPartition {
  readonly options: PartitionOptions;
  readonly supervisors: Map<WorkerRole, Supervisor>;
  readonly pinGuard: PinGuard;
  readonly health: PartitionHealth;
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
      setInterval(() => this.#checkHealth(), HEALTH_INTERVAL).unref(),
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
        health: new PartitionHealth(),
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
      environment: workerEnvironment(options.module, folder),
      openRequest: async () => {
        const pin = await options.pin();
        pinGuard.trying(pin);
        const { module, tokenLabel, tokenSerial } = options;
        return { module, tokenFolder: folder, tokenLabel, tokenSerial, pin, handleLimit: engine.handleLimit };
      },
      pinRefused: () => pinGuard.refused(),
      admit: (start) => this.#admit(options.tenantId, start),
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

  #admit(tenantId: string, start: () => Promise<void>): Promise<void> {
    const turn = (this.#starts.get(tenantId) ?? Promise.resolve()).then(async () => {
      await this.#place();
      this.#placed += 1;
      try {
        await start();
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

  #opened(): Supervisor[] {
    const supervisors = [...this.#partitions.values()].flatMap((partition) => [...partition.supervisors.values()]);
    return supervisors.filter((supervisor) => supervisor.opened);
  }

  /** Waits until there is room for one more process, ending the worker that has been idle for longest where need be. */
  async #place(): Promise<void> {
    for (let attempt = 0; attempt < PLACE_ATTEMPTS; attempt += 1) {
      const opened = this.#opened();
      if (opened.length + this.#placed < this.#options.workersMax) {
        return;
      }
      const idle = opened.filter((supervisor) => supervisor.idle).sort((a, b) => a.usedAt - b.usedAt)[0];
      if (idle === undefined) {
        await new Promise((resolve) => setTimeout(resolve, PLACE_PAUSE));
      } else {
        await idle.stop("the worker makes room for another");
      }
    }
    throw new CryptoError("overloaded", "all HSM workers are busy");
  }

  /** Checks the partitions that have a worker; the others are checked when one starts. */
  #checkHealth(): void {
    for (const [tenantId, { supervisors, health }] of this.#partitions) {
      const supervisor = supervisors.get("fast");
      if (supervisor === undefined || (!supervisor.opened && health.healthy)) {
        continue;
      }
      const note = (good: boolean) => {
        if (health.note(good)) {
          this.#options.logger.warn({ tenantId, healthy: good }, "health of the partition changed");
        }
      };
      void supervisor.call("checkCanary", [], { repeatable: true, background: true }).then(
        () => note(true),
        () => note(false),
      );
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

  /** How many session objects the worker for short calls holds; bounded by the handle limit. */
  sessionObjects(tenantId: string): Promise<number> {
    return this.#caller(tenantId)("fast", "sessionObjects", [], { repeatable: true, background: true });
  }

  /** How the partitions are doing. */
  status(): PartitionStatus[] {
    return [...this.#partitions].map(([tenantId, partition]) => ({
      tenantId,
      healthy: partition.health.healthy,
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
