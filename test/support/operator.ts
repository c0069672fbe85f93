import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { RemoteAdministration } from "#src/admin/client.js";
import type { TaskReport } from "#src/administration/tasks.js";
import type { TestServer } from "./server.js";

/** The administration of a server as its first operator sees it, through the admin port. */
export function operatorOf({ home, adminPort }: Pick<TestServer, "home" | "adminPort">): RemoteAdministration {
  const read = (file: string): string => readFileSync(join(home, "operators", "admin", file), "utf8");
  return new RemoteAdministration({
    host: "127.0.0.1",
    port: adminPort,
    certificate: read("client.crt"),
    key: read("client.key"),
    authority: read("ca.crt"),
  });
}

/** Longest time that a task is waited for, in milliseconds. */
const longestTask = 540_000;

/** Waits until a task is as asked for. Rejects where that takes too long. */
export async function untilTask(
  operator: RemoteAdministration,
  id: string,
  isAsAsked: (report: TaskReport) => boolean,
): Promise<TaskReport> {
  for (const end = performance.now() + longestTask; performance.now() < end; ) {
    const report = await operator.showTask(id);
    if (isAsAsked(report)) return report;
    await pause(20);
  }
  throw new Error(`the task ${id} is not as it was waited for within ${longestTask} ms`);
}

/** Waits until a task has ended. */
export function endOf(operator: RemoteAdministration, id: string): Promise<TaskReport> {
  return untilTask(operator, id, ({ state }) => state === "done" || state === "failed" || state === "canceled");
}
