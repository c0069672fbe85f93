import { setTimeout as pause } from "node:timers/promises";
import { change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import type { TaskClaim, TaskFindingRow, TaskProgress, TaskRow } from "#storage/task-types.js";
import type { TaskSurroundings } from "./surroundings.js";

/** The run has to end: the server stops, or the task is not its own any more. It is gone on with from where it stood. */
export class TaskInterrupted extends Error {
  override readonly name = "TaskInterrupted";
}

/** The task goes on by itself at a later time. */
export class TaskPaused extends Error {
  override readonly name = "TaskPaused";
  /** Milliseconds since 1970. */
  readonly until: number;

  constructor(until: number) {
    super("the task waits");
    this.until = until;
  }
}

/** The task cannot be done, now or later; the message is for the operator. */
export class TaskFailure extends Error {
  override readonly name = "TaskFailure";
}

/** How much of a task is done, and what was found. */
export type Tally = Readonly<Pick<TaskRow, "total" | "done" | "skipped" | "failed" | "repaired">>;

/** How long a run has its task for itself without saying more. */
export const leaseMilliseconds = 60_000;
/** Findings that are kept of one task; more are only counted. */
const findingsLimit = 10_000;
/** With more calls than this before a partition, clients come first. */
const quietCalls = 8;
const giveWayMilliseconds = 20;
/** Even a partition that is never quiet is worked at, once in this time. */
const longestGiveWayMilliseconds = 1_000;

/** One run at a task: what it is told, where it stands, and what it has to report. */
export class TaskRun<Order, Position> {
  readonly surroundings: TaskSurroundings;
  readonly task: TaskRow;
  readonly order: Order;
  private readonly claim: TaskClaim;
  private readonly isStopping: () => boolean;
  private current: Position | null;
  private counts: Tally;
  private saved: Tally;
  private isSaving = false;
  private readonly findings: TaskFindingRow[] = [];

  constructor(surroundings: TaskSurroundings, task: TaskRow, claim: TaskClaim, isStopping: () => boolean) {
    this.surroundings = surroundings;
    this.task = task;
    this.claim = claim;
    this.isStopping = isStopping;
    this.order = JSON.parse(task.parameters) as Order;
    this.current = task.position === null ? null : (JSON.parse(task.position) as Position);
    const { total, done, skipped, failed, repaired } = task;
    this.counts = { total, done, skipped, failed, repaired };
    this.saved = this.counts;
  }

  get tenantId(): string {
    return this.task.tenantId;
  }

  /** Where an earlier run saved that it stood; null at the beginning. */
  get position(): Position | null {
    return this.current;
  }

  /** How much was done and found, by this run and those before it. */
  get tally(): Tally {
    return this.counts;
  }

  /** Says how much there is to do. */
  setTotal(total: number): void {
    this.counts = { ...this.counts, total };
  }

  /** Counts what was looked at or done. */
  done(count = 1): void {
    this.counts = { ...this.counts, done: this.counts.done + count };
  }

  /** Reports what was left as it was, and why. */
  skip(subject: string, reason: string): void {
    this.find("skipped", subject, reason);
    this.counts = { ...this.counts, skipped: this.counts.skipped + 1 };
  }

  /** Reports what could not be done, or is not as it should be. */
  fail(subject: string, reason: string): void {
    this.find("failed", subject, reason);
    this.counts = { ...this.counts, failed: this.counts.failed + 1 };
  }

  /** Reports what was not as it should be, and is now. */
  repaired(subject: string, what: string): void {
    this.find("repaired", subject, what);
    this.counts = { ...this.counts, repaired: this.counts.repaired + 1 };
  }

  private find(kind: TaskFindingRow["kind"], subject: string, reason: string): void {
    const { skipped, failed, repaired } = this.counts;
    const place = skipped + failed + repaired;
    if (place < findingsLimit) this.findings.push({ taskId: this.task.id, place, kind, subject, reason });
  }

  /** Makes durable where the run stands, with all it has to report; a run after a crash goes on from there. */
  async save(position: Position): Promise<void> {
    const counts = this.counts;
    this.isSaving = true;
    try {
      await this.record(position, counts, this.findings.splice(0));
    } finally {
      this.isSaving = false;
    }
    this.current = position;
    this.saved = counts;
    this.demandGoingOn();
  }

  /** Tells that the run is alive, so that no other takes the task. */
  async renew(): Promise<void> {
    if (!this.isSaving) await this.record(this.current, this.saved, []);
  }

  private async record(position: Position | null, counts: Tally, findings: readonly TaskFindingRow[]): Promise<void> {
    const { database, now } = this.surroundings;
    const progress: TaskProgress = {
      ...counts,
      position: position === null ? null : JSON.stringify(position),
      claimedUntil: now() + leaseMilliseconds,
    };
    try {
      await database.commit([change("tasks", "progress", this.claim, progress, findings)]);
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== "conflict") throw error;
      throw new TaskInterrupted("the task was canceled, or another run has it");
    }
  }

  /** Throws TaskInterrupted where the run has to end. */
  demandGoingOn(): void {
    if (this.isStopping()) throw new TaskInterrupted("the run has to end");
  }

  /** Works at some things, a few at a time, and lets clients go first where the partition is busy. */
  async each<Thing>(things: readonly Thing[], work: (thing: Thing) => Promise<void>): Promise<void> {
    const waiting = things.values();
    const lane = async (): Promise<void> => {
      for (const thing of waiting) {
        this.demandGoingOn();
        await this.giveWay();
        await work(thing);
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: this.surroundings.concurrency }, lane));
    for (const each of lanes) if (each.status === "rejected") throw each.reason;
  }

  private async giveWay(): Promise<void> {
    for (let waited = 0; waited < longestGiveWayMilliseconds; waited += giveWayMilliseconds) {
      if (this.surroundings.pressure(this.tenantId) <= quietCalls) return;
      await pause(giveWayMilliseconds);
    }
  }
}
