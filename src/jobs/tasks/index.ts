import { migrateKeys } from "./migrate-keys.js";
import { rotateKek } from "./rotate-kek.js";
import { scanIntegrity } from "./scan-integrity.js";
import { TaskFailure } from "./task-run.js";
import type { PerformTask } from "./task-runner.js";

/** All kinds of long tasks. */
const kinds = [rotateKek, migrateKeys, scanIntegrity];

/** Works at a task of any kind. */
export const performTask: PerformTask = (name, run) => {
  const kind = kinds.find((each) => each.name === name);
  // Another version of the server has kinds that this one has not.
  if (kind === undefined) return Promise.reject(new TaskFailure(`this server knows no task of the kind "${name}"`));
  return kind.run(run);
};
