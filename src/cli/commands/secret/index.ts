import type { Command } from "commander";
import { group } from "../../group.js";
import { secretGetCommand } from "./get.js";
import { secretListCommand } from "./list.js";
import { secretPutCommand } from "./put.js";
import { secretRemoveCommand } from "./remove.js";
import { secretRotateCommand } from "./rotate.js";
import { secretShowCommand } from "./show.js";

/** `keyreeve secret …` */
export function secretCommand(): Command {
  return group("secret", "store, get, rotate and remove passwords and other secrets, as a client over KMIP", [
    secretPutCommand,
    secretGetCommand,
    secretListCommand,
    secretShowCommand,
    secretRotateCommand,
    secretRemoveCommand,
  ]);
}
