import type { Command } from "commander";
import { group } from "../../group.js";
import { integrityScanCommand } from "./scan.js";

/** `keyreeve integrity …` */
export function integrityCommand(): Command {
  return group("integrity", "check what is stored", [integrityScanCommand]);
}
