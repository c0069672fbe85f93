import { Command } from "commander";
import type { Administration } from "#src/administration/administration.js";
import type { TaskReport, TaskSummary } from "#src/administration/tasks.js";
import { withAdministration } from "../../connect.js";
import { jsonOption, print, printJson } from "../../output.js";
import { markFailure, printFindings, printTask, waitForTask } from "../../task-output.js";

interface Options {
  readonly deep?: boolean;
  readonly repair?: boolean;
  /** False with --no-wait. */
  readonly wait: boolean;
  readonly json?: boolean;
}

/** `keyreeve integrity scan`: exit code 1 where something is damaged. */
export function integrityScanCommand(): Command {
  return new Command("scan")
    .description(
      "check that every stored row and key is what this server wrote, for the tenant and the object it stands for; " +
        "exit code 1 where one is not",
    )
    .argument("[tenant]", "name of the tenant; all where left out")
    .option("--deep", "open every wrapped key in the token, instead of one in sixteen")
    .option(
      "--repair",
      "mend what can be mended without guessing, and remove what a crash left in the token; exit code 0 where nothing " +
        "stays damaged",
    )
    .option("--no-wait", "only begin it; an event is raised where something is damaged")
    .option(...jsonOption)
    .action(
      async (tenant: string | undefined, { deep = false, repair = false, wait, json }: Options, command: Command) =>
        withAdministration(command, async (administration) => {
          const { running } = await administration.status();
          const tasks = await begin(administration, tenant, { deep, repair });
          if (!wait && running) return json ? printJson(tasks) : printAll(tasks);
          const reports: TaskReport[] = [];
          for (const { id } of tasks) {
            const report = await waitForTask(administration, id);
            reports.push(report);
            markFailure(report);
            if (!json) await printOutcome(report);
          }
          if (json) await printJson(reports);
        }),
    );
}

async function begin(
  administration: Administration,
  tenant: string | undefined,
  order: { readonly deep: boolean; readonly repair: boolean },
): Promise<readonly TaskSummary[]> {
  const names = tenant === undefined ? (await administration.listTenants()).map(({ name }) => name) : [tenant];
  const tasks: TaskSummary[] = [];
  for (const name of names) tasks.push(await administration.scanIntegrity({ tenant: name, ...order }));
  return tasks;
}

async function printAll(tasks: readonly TaskSummary[]): Promise<void> {
  for (const task of tasks) {
    await printTask(task, false);
    await print("\n");
  }
}

async function printOutcome(report: TaskReport): Promise<void> {
  const { tenant, state, done, failed, skipped, repaired, lastError } = report;
  if (state !== "done") return print(`${tenant}: the scan ${state}: ${lastError ?? "it was ended"}\n`);
  const objects = `${done} object${done === 1 ? "" : "s"}`;
  const mended = repaired === 0 ? "" : `, ${repaired} mended`;
  const found = failed === 0 ? `${objects} whole` : `DAMAGED: ${failed} faults in ${objects}`;
  await print(`${tenant}: ${found}${mended}\n`);
  if (failed > 0 || skipped > 0 || repaired > 0) await printFindings(report);
}
