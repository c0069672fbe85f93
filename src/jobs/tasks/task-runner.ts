import { type TaskKindName, taskRecord } from "#src/inventory/task-orders.js";
import { change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { TaskClaim, TaskRow } from "#storage/task-types.js";
import type { AuditRecord } from "#storage/types.js";
import { ClaimedWork } from "../claimed-work.js";
import type { TaskSurroundings } from "./surroundings.js";
import { leaseMilliseconds, TaskFailure, TaskInterrupted, TaskPaused, TaskRun } from "./task-run.js";

/** Works at a task of any kind. */
export type PerformTask = (kind: TaskKindName, run: TaskRun<never, never>) => Promise<void>;

const lookMilliseconds = 10_000;
/** Tasks one node works at together. */
const tasksTogether = 4;
const firstPauseMilliseconds = 2_000;
const longestPauseMilliseconds = 60_000;
/** How long tasks are kept after their end. */
const keptMilliseconds = 90 * 86_400_000;
const sweepMilliseconds = 3_600_000;

/**
 * Works at long tasks. A task is claimed in the database for a time that is renewed while its run lives, so that of
 * several servers exactly one has it, and another takes it over from one that is gone. What interrupts a run is told in
 * the task, and it goes on from where it stood after a pause that grows.
 */
export class TaskRunner {
  private readonly surroundings: TaskSurroundings;
  private readonly perform: PerformTask;
  private readonly work: ClaimedWork;
  private sweepAt = 0;

  constructor(surroundings: TaskSurroundings, perform: PerformTask) {
    this.surroundings = surroundings;
    this.perform = perform;
    this.work = new ClaimedWork({
      log: surroundings.log,
      everyMilliseconds: lookMilliseconds,
      claimDue: () => this.claimDue(),
      whenUnseen: "long tasks cannot be looked for",
      now: surroundings.now,
    });
  }

  /** Takes up what this node was working at when it ended, and begins. Throws StorageError. */
  async start(): Promise<void> {
    await this.surroundings.database.commit([change("tasks", "releaseOwn")]);
    this.work.start();
  }

  /** A task may have been asked for. */
  look(): void {
    this.work.look();
  }

  /** Begins nothing more, and resolves when what is under way has saved where it stands. */
  stop(): Promise<void> {
    return this.work.stop();
  }

  private async claimDue(): Promise<void> {
    const { database, now } = this.surroundings;
    await this.sweep();
    for (const task of await database.read.tasks.due(now(), 2 * tasksTogether)) {
      if (this.work.size >= tasksTogether || this.work.stopped) return;
      if (this.work.isRunning(task.id)) continue;
      const claim = { id: task.id, claim: newIdentifier() };
      const [isOurs] = await database.commit([change("tasks", "claim", claim, now(), now() + leaseMilliseconds)]);
      const claimed = isOurs ? await database.read.tasks.byId(task.id) : null;
      if (claimed !== null) this.begin(claimed, claim);
    }
  }

  private begin(task: TaskRow, claim: TaskClaim): void {
    const { log } = this.surroundings;
    const run = async (): Promise<void> => {
      try {
        await this.runOne(task, claim);
      } catch (error) {
        const isLost = error instanceof StorageError && error.code === "conflict";
        if (!isLost) log.error({ error, task: task.id }, "how a run at a task ended could not be recorded");
      }
    };
    this.work.begin(task.id, run, () => this.work.look());
  }

  private async runOne(task: TaskRow, claim: TaskClaim): Promise<void> {
    const { log } = this.surroundings;
    const run = new TaskRun<never, never>(this.surroundings, task, claim, () => this.work.stopped);
    const renewing = setInterval(() => {
      run.renew().catch((error: unknown) => log.warn({ error, task: task.id }, "a task could not be renewed"));
    }, leaseMilliseconds / 3).unref();
    try {
      await this.perform(task.kind as TaskKindName, run);
      clearInterval(renewing);
      await this.end(run, claim, null);
    } catch (error) {
      clearInterval(renewing);
      if (error instanceof TaskFailure) await this.end(run, claim, error.message);
      else await this.interrupted(run, claim, error);
    }
  }

  private async end(run: TaskRun<never, never>, claim: TaskClaim, failure: string | null): Promise<void> {
    const { database, auditAppended, now, raise } = this.surroundings;
    const end = {
      state: failure === null ? ("done" as const) : ("failed" as const),
      endedAt: now(),
      lastError: failure,
    };
    const record = endOf(run, failure, now());
    const [, position] = await database.commit([change("tasks", "end", claim, end), change("audit", "append", record)]);
    auditAppended(position);
    const { task, tally } = run;
    const { total: _, ...outcome } = tally;
    const detail = { task: task.id, kind: task.kind, ...outcome };
    if (failure === null) raise({ kind: "task-finished", tenantId: task.tenantId, detail });
    else raise({ kind: "task-failed", tenantId: task.tenantId, detail: { ...detail, reason: failure } });
  }

  private async interrupted(run: TaskRun<never, never>, claim: TaskClaim, error: unknown): Promise<void> {
    const { database, log, now } = this.surroundings;
    const { task } = run;
    if (error instanceof TaskInterrupted || error instanceof TaskPaused) {
      const notBefore = error instanceof TaskPaused ? error.until : 0;
      const later = { notBefore, attempts: task.attempts, lastError: null };
      await database.commit([change("tasks", "giveBack", claim, later)]);
      if (notBefore > 0) this.work.expect(notBefore);
      return;
    }
    const current = (await database.read.tasks.byId(task.id)) ?? task;
    const attempts = current.attempts + 1;
    const pause = Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** Math.min(attempts - 1, 10));
    const lastError = error instanceof Error ? error.message : String(error);
    log.error({ error, task: task.id, attempts, pause }, "a task was interrupted; it goes on after a pause");
    const notBefore = now() + pause;
    await database.commit([change("tasks", "giveBack", claim, { notBefore, attempts, lastError })]);
    this.work.expect(notBefore);
  }

  private async sweep(): Promise<void> {
    const { database, now } = this.surroundings;
    if (now() < this.sweepAt) return;
    this.sweepAt = now() + sweepMilliseconds;
    await database.commit([change("tasks", "removeEnded", now() - keptMilliseconds)]);
  }
}

/** The audit record of the end of a task, in the name of who asked for it. */
function endOf({ task, tally }: TaskRun<never, never>, failure: string | null, timeMs: number): AuditRecord {
  const { done, skipped, failed, repaired } = tally;
  const reason = failure === null ? {} : { reason: failure };
  return {
    ...taskRecord(task, timeMs),
    outcome: failure === null && failed === 0 ? "success" : "failure",
    resultReason: failure === null && failed === 0 ? null : failure === null ? "incomplete" : "failed",
    detail: JSON.stringify({ task: task.id, done, skipped, failed, repaired, ...reason }),
  };
}
