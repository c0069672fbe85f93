import type { ScanOrder } from "#src/inventory/task-orders.js";
import type { ObjectPlace } from "#storage/task-types.js";
import type { TaskRun } from "../task-run.js";

/** Where a scan stands: the part it is at, and how far in that. */
export type ScanPosition =
  | { readonly part: "objects"; readonly after: ObjectPlace }
  | { readonly part: "index"; readonly of: "attributes" | "names"; readonly after: string }
  | { readonly part: "sealed" }
  | { readonly part: "clients" }
  | { readonly part: "token" }
  | { readonly part: "end" };

/** A run at a scan. */
export type ScanRun = TaskRun<ScanOrder, ScanPosition>;

/** Reports damage: in the task, and as an event of which operators must hear. */
export function reportDamage(run: ScanRun, subject: string, reason: string, objectId?: string): void {
  run.fail(subject, reason);
  run.surroundings.raise({
    kind: "integrity-damaged",
    tenantId: run.tenantId,
    ...(objectId !== undefined && { objectId }),
    detail: { subject, reason },
  });
}
