/** All parts of the harness, by their names. */
import { calls } from "./calls.js";
import { clock } from "./clock.js";
import { disks } from "./disks.js";
import { failedDisk } from "./failed-disk.js";
import type { Part } from "./part.js";
import { pipe } from "./pipe.js";
import { postgres } from "./postgres.js";

/** In the order in which they run. */
export const parts: Readonly<Record<string, Part>> = {
  disks,
  calls,
  pipe,
  "failed-disk": failedDisk,
  postgres,
  clock,
};
