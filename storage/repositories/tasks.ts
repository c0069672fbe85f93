import type { Connection } from "../connection.js";
import { StorageError } from "../errors.js";
import { slot, statement, statementOf } from "../statements.js";
import { taskFindingsTable, tasksTable } from "../task-tables.js";
import type { TaskClaim, TaskFilter, TaskFindingRow, TaskProgress, TaskRow } from "../task-types.js";
import type { WriteSession } from "../write-session.js";
import { updateRow } from "./update.js";

const selection = tasksTable.selection.slice();
const open = ["waiting", "running"];

const byId = statement((knex) =>
  knex("tasks")
    .select(selection)
    .where({ id: slot(0) }),
);
const due = statement((knex) =>
  knex("tasks")
    .select(selection)
    .where((waiting) => waiting.where({ state: "waiting" }).where("not_before", "<=", slot(0)))
    .orWhere((left) => left.where({ state: "running" }).where("claimed_until", "<", slot(0)))
    .orderByRaw("created_at, id limit ?", [slot(1)]),
);
const findingsOf = statement((knex) =>
  knex("task_findings")
    .select(taskFindingsTable.selection.slice())
    .where({ task_id: slot(0) })
    .orderByRaw("place limit ?", [slot(1)]),
);
const latest = statement((knex) =>
  knex("tasks")
    .select(selection)
    .where({ tenant_id: slot(0), kind: slot(1) })
    .orderByRaw("created_at desc limit 1"),
);
const madeSince = statement((knex) =>
  knex("tasks")
    .select("id")
    .where({ tenant_id: slot(0), kind: slot(1) })
    .where("created_at", ">=", slot(2))
    .limit(1),
);
const claim = statement((knex) =>
  knex("tasks")
    .where({ id: slot(4) })
    .where((free) =>
      free
        .where((waiting) => waiting.where({ state: "waiting" }).where("not_before", "<=", slot(0)))
        .orWhere((left) => left.where({ state: "running" }).where("claimed_until", "<", slot(0))),
    )
    .update({
      state: "running",
      claim: slot(1),
      claimed_by: slot(2),
      claimed_until: slot(3),
      started_at: knex.raw("coalesce(started_at, ?)", [slot(0)]),
    }),
);
const cancel = statement((knex) =>
  knex("tasks")
    .where({ id: slot(1) })
    .whereIn("state", open)
    .update({ state: "canceled", ended_at: slot(0), claim: null }),
);
const releaseOfNode = statement((knex) =>
  knex("tasks")
    .where({ state: "running", claimed_by: slot(0) })
    .update({ state: "waiting", claim: null, claimed_until: 0, not_before: 0 }),
);
const removeFindings = statement((knex) =>
  knex("task_findings")
    .whereIn("task_id", knex("tasks").select("id").where("ended_at", "<", slot(0)))
    .delete(),
);
const removeEnded = statement((knex) => knex("tasks").where("ended_at", "<", slot(0)).delete());

export const taskReads = {
  byId: (connection: Connection, id: string): Promise<TaskRow | null> => connection.row(tasksTable, byId, [id]),

  /** Tasks, the newest first. */
  list(connection: Connection, { tenantId, kind }: TaskFilter, limit: number): Promise<TaskRow[]> {
    const conditions = [
      ["tenant_id", tenantId],
      ["kind", kind],
    ].filter((each): each is [string, string] => each[1] !== undefined);
    const listing = statementOf(`tasks by ${conditions.map(([column]) => column).join()}`, (knex) => {
      const where = Object.fromEntries(conditions.map(([column], index) => [column, slot(index)]));
      return knex("tasks")
        .select(selection)
        .where(where)
        .orderByRaw("created_at desc, id limit ?", [slot(conditions.length)]);
    });
    return connection.rows(tasksTable, listing, [...conditions.map(([, value]) => value), limit]);
  },

  /** Tasks that wait to be worked at, and those whose run has not been heard of for too long, the oldest first. */
  due: (connection: Connection, nowMs: number, limit: number): Promise<TaskRow[]> =>
    connection.rows(tasksTable, due, [nowMs, limit]),

  /** The newest task of a kind for a tenant, whatever its state. */
  latest: (connection: Connection, tenantId: string, kind: string): Promise<TaskRow | null> =>
    connection.row(tasksTable, latest, [tenantId, kind]),

  /** What a task has to report, in the order in which it was found. */
  findings: (connection: Connection, taskId: string, limit: number): Promise<TaskFindingRow[]> =>
    connection.rows(taskFindingsTable, findingsOf, [taskId, limit]),
};

export const taskWrites = {
  /**
   * Has a task wait. Throws `duplicate` (tasks.open) where one of its kind is open for its tenant, and `conflict` where
   * one was made since a time (milliseconds since 1970).
   */
  async queue(session: WriteSession, task: TaskRow, sinceMs: number): Promise<void> {
    const [other] = await session.select(madeSince, [task.tenantId, task.kind, sinceMs]);
    if (other !== undefined) throw new StorageError("conflict", "a task of this kind was made for the tenant since");
    session.insert(tasksTable, [task]);
  },

  /** Takes a task for one run until a time (milliseconds since 1970). Gives whether it was free. */
  async claim(session: WriteSession, { id, claim: name }: TaskClaim, nowMs: number, untilMs: number): Promise<boolean> {
    return (await session.run(claim, [nowMs, name, session.nodeId, untilMs, id])) === 1;
  },

  /** Records how far a run has come. Throws `conflict` where it has lost the task: it was canceled, or taken over. */
  async progress(
    session: WriteSession,
    claimed: TaskClaim,
    progress: TaskProgress,
    findings: readonly TaskFindingRow[],
  ): Promise<void> {
    await updateRow(session, tasksTable, { ...claimed, state: "running" }, { ...progress, attempts: 0 });
    session.insert(taskFindingsTable, findings);
  },

  /** Ends a task. Throws `conflict` where the run has lost it. */
  end: (
    session: WriteSession,
    claimed: TaskClaim,
    end: Pick<TaskRow, "state" | "endedAt" | "lastError">,
  ): Promise<void> => updateRow(session, tasksTable, { ...claimed, state: "running" }, { ...end, claim: null }),

  /** Gives a task back, to be gone on with later. Throws `conflict` where the run has lost it. */
  giveBack: (
    session: WriteSession,
    claimed: TaskClaim,
    later: Pick<TaskRow, "notBefore" | "attempts" | "lastError">,
  ): Promise<void> =>
    updateRow(session, tasksTable, { ...claimed, state: "running" }, { ...later, state: "waiting", claim: null }),

  /** Ends a task that has not ended. Throws `conflict` where it has. */
  async cancel(session: WriteSession, id: string, nowMs: number): Promise<void> {
    if ((await session.run(cancel, [nowMs, id])) === 1) return;
    throw new StorageError("conflict", "the task has ended");
  },

  /** Gives back what this node was working at when it ended. */
  async releaseOwn(session: WriteSession): Promise<void> {
    await session.run(releaseOfNode, [session.nodeId]);
  },

  /** Forgets tasks that ended before a time (milliseconds since 1970), with all they had to report. */
  async removeEnded(session: WriteSession, beforeMs: number): Promise<void> {
    await session.run(removeFindings, [beforeMs]);
    await session.run(removeEnded, [beforeMs]);
  },
};
