/** All parts of the harness, by their names. */
import { clock } from "./clock.js";
import { disks } from "./disks.js";
import type { Part } from "./part.js";
import { postgres } from "./postgres.js";

/** In the order in which they run. */
export const parts: Readonly<Record<string, Part>> = { disks, postgres, clock };
