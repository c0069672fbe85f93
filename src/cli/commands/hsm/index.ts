import type { Command } from "commander";
import { group } from "../../group.js";
import { hsmInfoCommand } from "./info.js";
import { hsmProbeCommand } from "./probe.js";

/** `keyreeve hsm …` */
export function hsmCommand(): Command {
  return group("hsm", "look at the HSM", [hsmInfoCommand, hsmProbeCommand]);
}
