import type { Runtime } from "#src/administration/runtime.js";
import { ObjectStore } from "#src/inventory/object-store.js";
import { performTask } from "#src/jobs/tasks/index.js";
import type { TaskSurroundings } from "#src/jobs/tasks/surroundings.js";
import { TaskRunner } from "#src/jobs/tasks/task-runner.js";
import { Outbox } from "#src/pipeline/to-clients/outbox.js";

/** What long tasks share with the service that runs around them. */
export type SharedWithTasks = Pick<TaskSurroundings, "store" | "noticesOf" | "auditAppended">;

/** Works at long tasks over an open data directory, in what a server shares with them. */
export function taskRunnerOf(runtime: Runtime, shared: SharedWithTasks): TaskRunner {
  const { configuration, database, engine, events, log, partitions, root } = runtime;
  const { abandonedSeconds, concurrency, keyRetirementSeconds } = configuration.tasks;
  const surroundings: TaskSurroundings = {
    ...shared,
    database,
    partitionOf: (tenantId) => partitions.of(tenantId),
    root,
    nodeId: configuration.server.nodeId,
    log,
    raise: events.raise,
    pressure: (tenantId) => {
      const workers = engine.status().find((partition) => partition.tenantId === tenantId)?.workers ?? [];
      return workers.reduce((sum, { waiting, underWay }) => sum + waiting + underWay, 0);
    },
    now: () => Date.now(),
    concurrency,
    retirementSeconds: keyRetirementSeconds,
    abandonedMilliseconds: abandonedSeconds * 1000,
    checkpointFile: configuration.audit.checkpointFile,
  };
  return new TaskRunner(surroundings, performTask);
}

/**
 * Works at long tasks where no server runs, from the first one that is asked for. Gives how to end it: what is under way
 * then saves where it stands.
 */
export function tasksWithoutServer(runtime: Runtime): () => Promise<void> {
  let starting: Promise<TaskRunner | null> | undefined;
  const begin = async (): Promise<TaskRunner | null> => {
    const runner = taskRunnerOf(runtime, withoutService(runtime));
    try {
      await runner.start();
      return runner;
    } catch (error) {
      runtime.log.error({ error }, "tasks cannot be worked at");
      return null;
    }
  };
  runtime.tasks.onChanged(() => {
    starting ??= begin();
    void starting.then((runner) => runner?.look());
  });
  return async () => {
    await (await starting)?.stop();
  };
}

/** What a service would share. */
function withoutService({ configuration, database, partitions }: Runtime): SharedWithTasks {
  const store = new ObjectStore({ database, partitionOf: (id) => partitions.of(id), cachedObjects: 100 });
  const { maximumWaiting, lifetimeSeconds } = configuration.destinations;
  const limits = { maximumWaiting, lifetimeMilliseconds: lifetimeSeconds * 1000 };
  const outbox = new Outbox({ database, store, limits, queued: () => undefined, now: () => Date.now() });
  return {
    store,
    noticesOf: (tenantId, changes) => outbox.noticesOf(tenantId, changes),
    auditAppended: () => undefined,
  };
}
