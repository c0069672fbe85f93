import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printTask } from "../../task-output.js";

/** `keyreeve task cancel TASK` */
export function taskCancelCommand(): Command {
  return new Command("cancel")
    .description("end a task where it stands; what it has done stays done")
    .argument("<task>", "identifier of the task")
    .option(...jsonOption)
    .action(async (task: string, { json }: { readonly json?: boolean }, command: Command) => {
      const canceled = await withAdministration(command, (administration) => administration.cancelTask(task));
      await printTask(canceled, json);
    });
}
