import type { IntegrityScan, KeyRotation } from "#src/administration/administration.js";
import type {
  KeyEncryptionKeySummary,
  MigrationRequest,
  TaskFinding,
  TaskReport,
  TaskSummary,
} from "#src/administration/tasks.js";
import { taskKindNames } from "#src/inventory/task-orders.js";
import {
  choice,
  count,
  flag,
  list,
  listOf,
  name,
  object,
  orNull,
  type Properties,
  type Schema,
  text,
  time,
} from "./schema-parts.js";

const custodies = ["wrapped", "token", "software"] as const;

const taskProperties: Properties<TaskSummary> = {
  id: text(),
  kind: choice(...taskKindNames),
  tenant: name,
  state: choice("waiting", "running", "done", "failed", "canceled"),
  total: orNull(count("Objects there are to be looked at; null while that is not known")),
  done: count("Objects that were looked at"),
  skipped: count("Objects that were left as they were; the findings say why"),
  failed: count("What could not be done, or is damaged; the findings say why"),
  repaired: count("What was mended; the findings say what"),
  lastError: orNull(text("Why it could not be done, or what interrupted it last")),
  askedBy: text("Operator, or `(schedule)`"),
  createdAt: time,
  startedAt: orNull(time),
  endedAt: orNull(time),
};

/** The schemas of long tasks, of what they are told, and of what they report. */
export const taskSchemas: readonly Schema[] = [
  object<TaskSummary>("Task", taskProperties),
  object<TaskFinding>("TaskFinding", {
    kind: choice("skipped", "failed", "repaired"),
    subject: text("Unique Identifier of the object, or what else it concerns"),
    reason: text(),
  }),
  object<TaskReport>("TaskReport", { ...taskProperties, findings: listOf("TaskFinding") }),
  object<KeyEncryptionKeySummary>("KeyEncryptionKey", {
    version: count(),
    current: { ...flag, description: "New keys are wrapped by it" },
    keys: count("Keys that rest under it"),
  }),
  object<Omit<KeyRotation, "tenant">>("KeyRotation", {
    removeOld: { ...flag, description: "Remove old versions from the token once nothing rests under them" },
  }),
  object<Omit<IntegrityScan, "tenant">>(
    "IntegrityScan",
    {
      deep: { ...flag, description: "Open every wrapped key, instead of some of them" },
      repair: { ...flag, description: "Mend what can be mended without guessing, and remove what a crash left" },
    },
    ["repair"],
  ),
  object<Omit<MigrationRequest, "tenant">>(
    "Migration",
    {
      to: choice(...custodies),
      objects: { ...list(text("Unique Identifier", { maxLength: 64 })), minItems: 1, maxItems: 1000 },
      from: choice(...custodies),
      type: choice("symmetric-key", "private-key"),
    },
    ["objects", "from", "type"],
  ),
];
