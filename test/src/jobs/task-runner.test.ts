import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import type { Occurrence } from "#src/audit/events/fold.js";
import { newTask, queueTask } from "#src/inventory/task-orders.js";
import type { TaskSurroundings } from "#src/jobs/tasks/surroundings.js";
import { TaskFailure, TaskPaused, type TaskRun } from "#src/jobs/tasks/task-run.js";
import { TaskRunner } from "#src/jobs/tasks/task-runner.js";
import { change } from "#storage/changes.js";
import { type Database, openDatabase } from "#storage/database.js";
import type { TaskRow } from "#storage/task-types.js";
import { temporaryFolder } from "#test/support/databases.js";

type Run = TaskRun<never, never>;

const filename = join(temporaryFolder(t), "test.db");
const database = await openDatabase({ client: "better-sqlite3", filename, nodeId: "node-1" });
t.teardown(() => database.close());

/** Work at tasks by one node, in a time of its own. */
function runnerOn(node: Database, perform: (run: Run) => Promise<void>, clock = { now: 1_000_000 }) {
  const events: Occurrence[] = [];
  const unused = (): never => {
    throw new TypeError("a task of this test has no such thing");
  };
  const surroundings: TaskSurroundings = {
    database: node,
    get store(): never {
      return unused();
    },
    partitionOf: unused,
    root: { unseal: unused },
    nodeId: "node-1",
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    raise: (occurrence) => events.push(occurrence),
    auditAppended: () => undefined,
    noticesOf: unused,
    pressure: () => 0,
    now: () => clock.now,
    concurrency: 3,
    abandonedMilliseconds: 600_000,
    checkpointFile: "",
    retirementSeconds: 0,
  };
  return { runner: new TaskRunner(surroundings, (_kind, run) => perform(run)), events, clock };
}

async function queued(): Promise<TaskRow> {
  const asker = { name: "operator", certificateFingerprint: null, sourceAddress: null };
  const task = newTask(randomUUID(), "scan-integrity", { deep: true }, asker, 1);
  await database.commit(queueTask(task, Number.MAX_SAFE_INTEGER));
  return task;
}

async function until(id: string, isAsAsked: (task: TaskRow) => boolean): Promise<TaskRow> {
  for (;;) {
    const task = await database.read.tasks.byId(id);
    if (task !== null && isAsAsked(task)) return task;
    await pause(5);
  }
}

async function endingsOf(task: TaskRow): Promise<readonly (readonly [string, string | null])[]> {
  const rows = await database.read.audit.list({ tenantId: task.tenantId }, 10);
  return rows.map(({ outcome, clientName }) => [outcome, clientName] as const);
}

t.test("a task is worked at, a few things at a time, and its end is told", async (t) => {
  const task = await queued();
  let [together, most] = [0, 0];
  const { runner, events } = runnerOn(database, async (run) => {
    run.setTotal(9);
    await run.each([...Array(9).keys()], async () => {
      together += 1;
      most = Math.max(most, together);
      await pause(2);
      together -= 1;
      run.done();
    });
    run.skip("a", "because");
    run.fail("b", "so");
    await run.save({} as never);
  });
  await runner.start();
  t.match(await until(task.id, ({ state }) => state === "done"), { done: 9, total: 9, skipped: 1, failed: 1 });
  await runner.stop();
  t.equal(most, 3);
  t.match(await database.read.tasks.findings(task.id, 10), [
    { place: 0, subject: "a" },
    { place: 1, subject: "b" },
  ]);
  t.match(events, [{ kind: "task-finished", tenantId: task.tenantId }]);
  t.strictSame(await endingsOf(task), [
    ["failure", "operator"],
    ["intent", "operator"],
  ]);
});

t.test("what interrupts a task is told in it, and it goes on from where it stood, after a pause", async (t) => {
  const task = await queued();
  const stood: unknown[] = [];
  const { runner, clock } = runnerOn(database, async (run) => {
    stood.push(run.position);
    if (stood.length === 1) {
      run.done(5);
      await run.save({ at: 5 } as never);
      run.done(100);
      throw new TypeError("the token is away");
    }
    if (stood.length === 2) throw new TaskPaused(clock.now + 1000);
  });
  await runner.start();
  const interrupted = await until(task.id, ({ attempts }) => attempts === 1);
  t.match(interrupted, { state: "waiting", lastError: "the token is away", done: 5 });
  clock.now += 2000;
  runner.look();
  await until(task.id, ({ notBefore }) => notBefore === clock.now + 1000);
  clock.now += 1000;
  runner.look();
  t.match(await until(task.id, ({ state }) => state === "done"), { done: 5, lastError: null });
  await runner.stop();
  t.strictSame(stood, [null, { at: 5 }, { at: 5 }]);
});

t.test("a task that cannot be done fails, and says why", async (t) => {
  const task = await queued();
  const { runner, events } = runnerOn(database, async () => {
    throw new TaskFailure("there is no such thing");
  });
  await runner.start();
  t.match(await until(task.id, ({ state }) => state === "failed"), { lastError: "there is no such thing" });
  await runner.stop();
  t.match(events, [{ kind: "task-failed" }]);
});

t.test("another node takes a task over only when its run is not heard of any more", async (t) => {
  const other = await openDatabase({ client: "better-sqlite3", filename, nodeId: "node-2" });
  t.teardown(() => other.close());
  const task = await queued();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = runnerOn(database, async (run) => {
    await held;
    await run.save({ by: "first" } as never);
  });
  await first.runner.start();
  const mine = await until(task.id, ({ state }) => state === "running");
  const second = runnerOn(other, async (run) => run.save({ by: "second" } as never), { now: first.clock.now });
  await second.runner.start();
  await pause(50);
  t.match(await database.read.tasks.byId(task.id), { state: "running", claim: mine.claim, claimedBy: "node-1" });
  second.clock.now = mine.claimedUntil + 1;
  second.runner.look();
  t.match(await until(task.id, ({ state }) => state === "done"), { claimedBy: "node-2", position: '{"by":"second"}' });
  release();
  await first.runner.stop();
  await second.runner.stop();
  t.match(await database.read.tasks.byId(task.id), { state: "done", position: '{"by":"second"}' });
});

t.test("a runner that stops gives its task back where it stands, and a canceled one is left", async (t) => {
  const task = await queued();
  const canceled = await queued();
  const { runner } = runnerOn(database, async (run) => {
    for (let at = 1; ; at += 1) {
      await run.save({ at } as never);
      await pause(2);
    }
  });
  await runner.start();
  await until(canceled.id, ({ position }) => position !== null);
  await database.commit([change("tasks", "cancel", canceled.id, 5)]);
  await until(task.id, ({ position }) => position !== null);
  await runner.stop();
  t.match(await database.read.tasks.byId(task.id), { state: "waiting", claim: null, attempts: 0, lastError: null });
  t.match(await database.read.tasks.byId(canceled.id), { state: "canceled" });
});
