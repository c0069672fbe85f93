import type { Command } from "commander";
import { group } from "../../../group.js";
import { destinationAddCommand } from "./add.js";
import { destinationListCommand } from "./list.js";
import { destinationRemoveCommand } from "./remove.js";

/** `keyreeve tenant destination …` */
export function destinationCommand(): Command {
  return group("destination", "add, list and remove where the server sends notices and objects of itself", [
    destinationAddCommand,
    destinationListCommand,
    destinationRemoveCommand,
  ]);
}
