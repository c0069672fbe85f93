import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { credentialFacts } from "../../../credential-output.js";
import { jsonOption, printFacts, printJson } from "../../../output.js";

interface Options {
  readonly tenant: string;
  readonly username: string;
  readonly json?: boolean;
}

/** `keyreeve client credential remove CLIENT --tenant TENANT --username NAME` */
export function credentialRemoveCommand(): Command {
  return new Command("remove")
    .description("remove a credential of a client")
    .argument("<client>", "name of the client")
    .requiredOption("--tenant <tenant>", "its tenant")
    .requiredOption("--username <name>", "the name it is listed under")
    .option(...jsonOption)
    .action(async (client: string, { tenant, username, json }: Options, command: Command) => {
      const removed = await withAdministration(command, (administration) =>
        administration.removeCredential({ tenant, client, username }),
      );
      return json ? printJson(removed) : printFacts(credentialFacts(removed));
    });
}
