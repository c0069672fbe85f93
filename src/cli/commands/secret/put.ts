import type { Command } from "commander";
import { storingCommand } from "../../secret-storing.js";

/** `keyreeve secret put NAME` */
export function secretPutCommand(): Command {
  return storingCommand(
    "put",
    "store a new secret; its value is random, from a file, from standard input, or asked for",
    "name of the secret, unique among the objects of the tenant",
    (secrets, name, type, value) => secrets.put(name, type, value),
  );
}
