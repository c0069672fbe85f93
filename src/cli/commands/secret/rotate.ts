import type { Command } from "commander";
import { storingCommand } from "../../secret-storing.js";

/** `keyreeve secret rotate NAME` */
export function secretRotateCommand(): Command {
  return storingCommand(
    "rotate",
    "give a secret a new value; the old one stays readable by its version until it is removed",
    "name of the secret",
    (secrets, name, type, value) => secrets.rotate(name, type, value),
  );
}
