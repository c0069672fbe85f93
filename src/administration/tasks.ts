import { ObjectType } from "#protocol/enums/index.js";
import { isTaskThere, newTask, queueTask, type TaskKindName, type TaskOrders } from "#src/inventory/task-orders.js";
import type { Custody } from "#src/objects/custody.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { StorageError } from "#storage/errors.js";
import type { ObjectPlace, TaskFindingRow, TaskRow, TaskState } from "#storage/task-types.js";
import { type Actor, administrationRecord } from "./audit-record.js";
import { AdministrationError } from "./errors.js";
import type { Partitions } from "./partitions.js";
import type { Tenants } from "./tenants.js";

/** A long task as operators see it. */
export interface TaskSummary {
  readonly id: string;
  /** `rotate-kek`, `migrate-keys` or `scan-integrity`. */
  readonly kind: string;
  /** Name of the tenant. */
  readonly tenant: string;
  readonly state: TaskState;
  /** Objects there are to be looked at; null while that is not known. */
  readonly total: number | null;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  /** What was mended; none but a scan with repair mends. */
  readonly repaired: number;
  /** Why it could not be done, or what interrupted it last; null where nothing did. */
  readonly lastError: string | null;
  readonly askedBy: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** Something a task has to report. */
export interface TaskFinding {
  readonly kind: "skipped" | "failed" | "repaired";
  /** Unique Identifier of the object, or what else it concerns. */
  readonly subject: string;
  readonly reason: string;
}

/** A task with all it has to report. */
export interface TaskReport extends TaskSummary {
  readonly findings: readonly TaskFinding[];
}

/** Keys that are to change their custody. */
export interface MigrationRequest {
  readonly tenant: string;
  readonly to: Custody;
  /** Unique Identifiers; all keys that meet the other conditions where absent. */
  readonly objects?: readonly string[];
  readonly from?: Custody;
  readonly type?: MigratedType;
}

/** The types of objects whose keys can be moved. */
export type MigratedType = "symmetric-key" | "private-key";

/** A version of a tenant's key-encryption key. */
export interface KeyEncryptionKeySummary {
  readonly version: number;
  /** Whether new keys are wrapped by it. */
  readonly current: boolean;
  /** Keys that rest under it. */
  readonly keys: number;
}

const objectTypes: Readonly<Record<MigratedType, number>> = {
  "symmetric-key": ObjectType.SymmetricKey,
  "private-key": ObjectType.PrivateKey,
};

/** Most findings that are shown. */
const findingsShown = 10_000;
const pageSize = 2_000;

/** Asks for long tasks, shows and cancels them. */
export class Tasks {
  private readonly options: {
    readonly database: Database;
    readonly tenants: Tenants;
    readonly partitions: Partitions;
  };
  private readonly listeners: (() => void)[] = [];

  constructor(options: Tasks["options"]) {
    this.options = options;
  }

  /** Has a function called after every change. */
  onChanged(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Throws AdministrationError. */
  rotate(actor: Actor, tenant: string, order: TaskOrders["rotate-kek"]): Promise<TaskSummary> {
    return this.ask(actor, tenant, "rotate-kek", order);
  }

  /** Throws AdministrationError. */
  migrate(actor: Actor, { tenant, to, objects, from, type }: MigrationRequest): Promise<TaskSummary> {
    const order = {
      to,
      ...(objects !== undefined && { objects: [...new Set(objects)] }),
      ...(from !== undefined && { from }),
      ...(type !== undefined && { objectType: objectTypes[type] }),
    };
    return this.ask(actor, tenant, "migrate-keys", order);
  }

  /** Throws AdministrationError. */
  scan(actor: Actor, tenant: string, order: TaskOrders["scan-integrity"]): Promise<TaskSummary> {
    return this.ask(actor, tenant, "scan-integrity", order);
  }

  /** Tasks of a tenant, or of all, the newest first. Throws AdministrationError. */
  async list(tenant: string | undefined, limit: number): Promise<readonly TaskSummary[]> {
    const { database, tenants } = this.options;
    const filter = tenant === undefined ? {} : { tenantId: (await tenants.find(tenant)).id };
    const rows = await database.read.tasks.list(filter, limit);
    const names = new Map((await database.read.tenants.list()).map(({ id, name }) => [id, name]));
    return rows.map((row) => summaryOf(row, names.get(row.tenantId) ?? row.tenantId));
  }

  /** Throws AdministrationError. */
  async show(id: string): Promise<TaskReport> {
    const row = await this.find(id);
    const findings = await this.options.database.read.tasks.findings(id, findingsShown);
    return { ...(await this.summary(row)), findings: findings.map(findingOf) };
  }

  /** Ends a task where it stands; what it has done stays done. Throws AdministrationError. */
  async cancel(actor: Actor, id: string): Promise<TaskSummary> {
    const { database } = this.options;
    const row = await this.find(id);
    const detail = { task: id, kind: row.kind };
    const record = administrationRecord(actor, "Cancel Task", { tenantId: row.tenantId, detail });
    try {
      await database.commit([change("tasks", "cancel", id, Date.now()), change("audit", "append", record)]);
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== "conflict") throw error;
      throw new AdministrationError("wrong-state", "the task has ended already");
    }
    return this.summary(await this.find(id));
  }

  /** The versions of a tenant's key-encryption key, oldest first, and what rests under each. Throws CryptoError. */
  async keyEncryptionKeys(tenant: string): Promise<readonly KeyEncryptionKeySummary[]> {
    const { tenants, partitions } = this.options;
    const { id } = await tenants.find(tenant);
    const versions = await (await partitions.of(id)).keyEncryptionKeyVersions();
    const counts = await this.keysByVersion(id);
    // A version that is gone from the token while keys rest under it is just what must be seen.
    const all = [...new Set([...versions, ...counts.keys()])].sort((first, second) => first - second);
    return all.map((version) => ({ version, current: version === versions.at(-1), keys: counts.get(version) ?? 0 }));
  }

  private async keysByVersion(tenantId: string): Promise<ReadonlyMap<number, number>> {
    const { read } = this.options.database;
    const counts = new Map<number, number>();
    const count = ({ keyEncryptionKeyVersion: version }: { readonly keyEncryptionKeyVersion: number }): void => {
      if (version > 0) counts.set(version, (counts.get(version) ?? 0) + 1);
    };
    for (let after: ObjectPlace | undefined = { creationOrder: 0, id: "" }; after !== undefined; ) {
      const page = await read.objectWalks.sightings(tenantId, after, pageSize);
      for (const sighting of page) count(sighting);
      after = page.length < pageSize ? undefined : page.at(-1);
    }
    for (const row of await read.certificateAuthorities.list(tenantId)) count(row);
    return counts;
  }

  private async ask<Name extends TaskKindName>(
    actor: Actor,
    tenantName: string,
    kind: Name,
    order: TaskOrders[Name],
  ): Promise<TaskSummary> {
    const tenant = await this.options.tenants.find(tenantName);
    const task = newTask(tenant.id, kind, order, actor, Date.now());
    try {
      await this.options.database.commit(queueTask(task, Number.MAX_SAFE_INTEGER));
    } catch (error) {
      if (!isTaskThere(error)) throw error;
      throw new AdministrationError("exists", `tenant "${tenant.name}" has an open task of the kind ${kind} already`);
    }
    for (const listener of this.listeners) listener();
    return summaryOf(task, tenant.name);
  }

  private async find(id: string): Promise<TaskRow> {
    const row = await this.options.database.read.tasks.byId(id);
    if (row === null) throw new AdministrationError("not-found", `there is no task ${id}`);
    return row;
  }

  private async summary(row: TaskRow): Promise<TaskSummary> {
    const tenant = await this.options.database.read.tenants.byId(row.tenantId);
    return summaryOf(row, tenant?.name ?? row.tenantId);
  }
}

function summaryOf(row: TaskRow, tenant: string): TaskSummary {
  const { id, kind, state, total, done, skipped, failed, repaired, lastError, askedBy } = row;
  const { createdAt, startedAt, endedAt } = row;
  const times = { createdAt: timeOf(createdAt), startedAt: timeOrNull(startedAt), endedAt: timeOrNull(endedAt) };
  return { id, kind, tenant, state, total, done, skipped, failed, repaired, lastError, askedBy, ...times };
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function timeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : timeOf(milliseconds);
}

function findingOf({ kind, subject, reason }: TaskFindingRow): TaskFinding {
  return { kind, subject, reason };
}
