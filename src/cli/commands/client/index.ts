import type { Command } from "commander";
import { group } from "../../group.js";
import { clientChangeCommand } from "./change.js";
import { clientCredentialCommand } from "./credential/index.js";
import { clientIssueCommand } from "./issue.js";
import { clientListCommand } from "./list.js";
import { clientRevokeCommand } from "./revoke.js";

/** `keyreeve client …` */
export function clientCommand(): Command {
  return group("client", "issue, list, change and revoke clients, and their credentials", [
    clientIssueCommand,
    clientChangeCommand,
    clientListCommand,
    clientRevokeCommand,
    clientCredentialCommand,
  ]);
}
