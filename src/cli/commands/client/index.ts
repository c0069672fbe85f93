import type { Command } from "commander";
import { group } from "../../group.js";
import { clientAcceptCommand } from "./accept.js";
import { clientChangeCommand } from "./change.js";
import { clientCredentialCommand } from "./credential/index.js";
import { clientIssueCommand } from "./issue.js";
import { clientListCommand } from "./list.js";
import { clientPendingCommand } from "./pending.js";
import { clientRejectCommand } from "./reject.js";
import { clientRenewCommand } from "./renew.js";
import { clientRevokeCommand } from "./revoke.js";
import { clientSignCommand } from "./sign.js";

/** `keyreeve client …` */
export function clientCommand(): Command {
  return group("client", "issue, sign, renew, accept, list, change and revoke clients, and their credentials", [
    clientIssueCommand,
    clientSignCommand,
    clientRenewCommand,
    clientChangeCommand,
    clientListCommand,
    clientRevokeCommand,
    clientPendingCommand,
    clientAcceptCommand,
    clientRejectCommand,
    clientCredentialCommand,
  ]);
}
