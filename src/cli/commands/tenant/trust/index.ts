import type { Command } from "commander";
import { group } from "../../../group.js";
import { trustAddCommand } from "./add.js";
import { trustCrlCommand } from "./crl.js";
import { trustListCommand } from "./list.js";
import { trustRemoveCommand } from "./remove.js";
import { trustShowCommand } from "./show.js";

/** `keyreeve tenant trust …` */
export function trustCommand(): Command {
  return group("trust", "trust client certificates of authorities of your own", [
    trustAddCommand,
    trustListCommand,
    trustShowCommand,
    trustCrlCommand,
    trustRemoveCommand,
  ]);
}
