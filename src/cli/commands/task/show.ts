import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printReport, waitForTask, waitOption } from "../../task-output.js";

/** `keyreeve task show TASK` */
export function taskShowCommand(): Command {
  return new Command("show")
    .description("show one task and what it has to report")
    .argument("<task>", "identifier of the task")
    .option(...waitOption)
    .option(...jsonOption)
    .action(async (task: string, { wait, json }: { wait?: boolean; json?: boolean }, command: Command) => {
      const report = await withAdministration(command, (administration) =>
        wait === true ? waitForTask(administration, task) : administration.showTask(task),
      );
      await printReport(report, json);
    });
}
