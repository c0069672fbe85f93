import type { Command } from "commander";
import { group } from "../../group.js";
import { keyMigrateCommand } from "./migrate.js";

/** `keyreeve key …` */
export function keyCommand(): Command {
  return group("key", "move keys between custodies", [keyMigrateCommand]);
}
