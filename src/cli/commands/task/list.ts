import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, printJson, printTable } from "../../output.js";
import { progressOf } from "../../task-output.js";

interface Options {
  readonly tenant?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `keyreeve task list` */
export function taskListCommand(): Command {
  return new Command("list")
    .description("list long tasks, the newest first")
    .option("--tenant <tenant>", "only of this tenant")
    .option("--limit <number>", "most tasks", wholeNumber(1, 10_000), 20)
    .option(...jsonOption)
    .action(async ({ tenant, limit, json }: Options, command: Command) => {
      const listing = { limit, ...(tenant !== undefined && { tenant }) };
      const tasks = await withAdministration(command, (administration) => administration.listTasks(listing));
      if (json) return printJson(tasks);
      const rows = tasks.map((task) => [
        task.id,
        task.kind,
        task.tenant,
        task.state,
        progressOf(task),
        task.askedBy,
        task.createdAt,
      ]);
      const header = ["TASK", "KIND", "TENANT", "STATE", "OBJECTS", "ASKED FOR BY", "ASKED FOR"];
      return printTable(header, rows, "There are no tasks.");
    });
}
