import type { Command } from "commander";
import { group } from "../../group.js";
import { tenantCaCommand } from "./ca.js";
import { tenantCreateCommand } from "./create.js";
import { destinationCommand } from "./destination/index.js";
import { tenantListCommand } from "./list.js";
import { tenantResumeCommand } from "./resume.js";
import { tenantRotateKekCommand } from "./rotate-kek.js";
import { tenantSetCommand } from "./set.js";
import { tenantShowCommand } from "./show.js";
import { tenantSuspendCommand } from "./suspend.js";
import { trustCommand } from "./trust/index.js";

/** `keyreeve tenant …` */
export function tenantCommand(): Command {
  return group("tenant", "make, list, set, suspend and resume tenants", [
    tenantCreateCommand,
    tenantListCommand,
    tenantShowCommand,
    tenantCaCommand,
    tenantSetCommand,
    tenantSuspendCommand,
    tenantResumeCommand,
    tenantRotateKekCommand,
    destinationCommand,
    trustCommand,
  ]);
}
