import type { Command } from "commander";
import { group } from "../../group.js";
import { taskCancelCommand } from "./cancel.js";
import { taskListCommand } from "./list.js";
import { taskShowCommand } from "./show.js";

/** `keyreeve task …` */
export function taskCommand(): Command {
  return group("task", "list, show and cancel long tasks", [taskListCommand, taskShowCommand, taskCancelCommand]);
}
