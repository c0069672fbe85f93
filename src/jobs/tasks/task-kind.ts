import type { TaskKindName, TaskOrders } from "#src/inventory/task-orders.js";
import type { TaskRun } from "./task-run.js";

/** A kind of long task. */
export interface TaskKind<Name extends TaskKindName, Position> {
  readonly name: Name;
  /**
   * Works at a task to its end, from where the run says that an earlier one stood. Throws TaskFailure where it cannot be
   * done; any other error interrupts it, to be gone on with later.
   */
  run(run: TaskRun<TaskOrders[Name], Position>): Promise<void>;
}
