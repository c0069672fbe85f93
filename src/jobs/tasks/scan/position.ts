import type { ScanOrder } from "#src/inventory/task-orders.js";
import type { ObjectPlace } from "#storage/task-types.js";
import type { TaskRun } from "../task-run.js";

/** Where a scan stands: the part it is at, and how far in that. */
export type ScanPosition =
  | { readonly part: "objects"; readonly after: ObjectPlace }
  | { readonly part: "index"; readonly of: "attributes" | "names"; readonly after: string }
  | { readonly part: "sealed" }
  | { readonly part: "clients" }
  | { readonly part: "intents" }
  | { readonly part: "token" }
  /** `seen`: since when (milliseconds since 1970) this run has known what it waits to remove, by its name in findings. */
  | { readonly part: "orphans"; readonly seen: Readonly<Record<string, number>> }
  | { readonly part: "end" };

/** A run at a scan. */
export type ScanRun = TaskRun<ScanOrder, ScanPosition>;
