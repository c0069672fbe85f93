import type { Command } from "commander";
import { group } from "../../../group.js";
import { credentialListCommand } from "./list.js";
import { credentialRemoveCommand } from "./remove.js";
import { credentialSetCommand } from "./set.js";

/** `keyreeve client credential …` */
export function clientCredentialCommand(): Command {
  return group("credential", "set, list and remove the KMIP credentials of clients", [
    credentialSetCommand,
    credentialListCommand,
    credentialRemoveCommand,
  ]);
}
