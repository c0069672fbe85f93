import { setTimeout as pause } from "node:timers/promises";
import type { Administration } from "#src/administration/administration.js";
import type { TaskReport, TaskSummary } from "#src/administration/tasks.js";
import { exitCodes } from "./exit-codes.js";
import { print, printFacts, printJson, printTable } from "./output.js";

/** The option of commands that ask for a long task. */
export const waitOption = ["--wait", "wait until it has ended; exit code 1 where something could not be done"] as const;

const pollMilliseconds = 250;
/** Findings that people are shown; `--json` gives all. */
const findingsForPeople = 50;

const ended: ReadonlySet<TaskSummary["state"]> = new Set(["done", "failed", "canceled"]);

/**
 * Shows a task that was asked for: as it stands, or how it ended where that is waited for. Where no server runs there is
 * nobody else to work at it, so that it is always waited for.
 */
export async function followTask(
  administration: Administration,
  task: TaskSummary,
  { wait, json }: { readonly wait?: boolean; readonly json?: boolean },
): Promise<void> {
  const { running } = await administration.status();
  if (wait !== true && running) return printTask(task, json);
  const report = await waitForTask(administration, task.id);
  await printReport(report, json);
}

/** Waits until a task has ended, with its progress on a terminal. */
export async function waitForTask(administration: Administration, id: string): Promise<TaskReport> {
  const live = process.stderr.isTTY === true;
  for (;;) {
    const report = await administration.showTask(id);
    if (live) process.stderr.write(`\r\u001b[K${ended.has(report.state) ? "" : progressLine(report)}`);
    if (ended.has(report.state)) return report;
    await pause(pollMilliseconds);
  }
}

function progressLine(task: TaskSummary): string {
  const interruption = task.lastError === null ? "" : `; interrupted: ${task.lastError}`;
  return `${task.kind} ${task.tenant}: ${task.state}, ${progressOf(task)}${interruption}`;
}

/** How far a task has come. */
export function progressOf({ done, total, skipped, failed, repaired }: TaskSummary): string {
  const share = total === null || total === 0 ? "" : ` (${Math.min(100, Math.floor((100 * done) / total))} %)`;
  const left = skipped === 0 ? "" : `, ${skipped} left as they were`;
  const bad = failed === 0 ? "" : `, ${failed} failed`;
  const mended = repaired === 0 ? "" : `, ${repaired} mended`;
  return `${done} of ${total ?? "?"}${share}${left}${mended}${bad}`;
}

/** Writes a task. */
export async function printTask(task: TaskSummary, json: boolean | undefined): Promise<void> {
  if (json) return printJson(task);
  await printFacts([
    ["Task", task.id],
    ["Kind", task.kind],
    ["Tenant", task.tenant],
    ["State", task.state],
    ["Objects", progressOf(task)],
    ["Last error", task.lastError ?? "none"],
    ["Asked for by", task.askedBy],
    ["Asked for", task.createdAt],
    ["Begun", task.startedAt ?? "not yet"],
    ["Ended", task.endedAt ?? "not yet"],
  ]);
}

/** Writes a task with what it has to report; the exit code says whether all of it was done. */
export async function printReport(report: TaskReport, json: boolean | undefined): Promise<void> {
  markFailure(report);
  if (json) return printJson(report);
  await printTask(report, false);
  if (report.findings.length > 0) await printFindings(report);
}

/** Sets the exit code where a task was not done, or not all of it. */
export function markFailure({ state, failed }: TaskSummary): void {
  if (state === "failed" || state === "canceled" || failed > 0) process.exitCode = exitCodes.failed;
}

const kindForPeople = { failed: "failed", skipped: "left", repaired: "mended" } as const;

/** Writes what a task found. */
export async function printFindings({ findings, skipped, failed, repaired }: TaskReport): Promise<void> {
  const shown = findings.slice(0, findingsForPeople);
  const rows = shown.map(({ kind, subject, reason }) => [kindForPeople[kind], subject, reason]);
  await print("\n");
  await printTable(["WHAT", "WHERE", "WHY"], rows, "");
  const more = skipped + failed + repaired - shown.length;
  if (more > 0) await print(`and ${more} more; --json gives up to 10,000\n`);
}
