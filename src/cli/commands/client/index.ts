import type { Command } from "commander";
import { group } from "../../group.js";
import { clientAcceptCommand } from "./accept.js";
import { clientChangeCommand } from "./change.js";
import { clientCredentialCommand } from "./credential/index.js";
import { clientIssueCommand } from "./issue.js";
import { clientListCommand } from "./list.js";
import { clientPendingCommand } from "./pending.js";
import { clientRejectCommand } from "./reject.js";
import { clientRevokeCommand } from "./revoke.js";

/** `keyreeve client …` */
export function clientCommand(): Command {
  return group("client", "issue, accept, list, change and revoke clients, and their credentials", [
    clientIssueCommand,
    clientChangeCommand,
    clientListCommand,
    clientRevokeCommand,
    clientPendingCommand,
    clientAcceptCommand,
    clientRejectCommand,
    clientCredentialCommand,
  ]);
}
