import { Command } from "commander";
import { clientFacts } from "../../client-output.js";
import { withAdministration } from "../../connect.js";
import { jsonOption, printFacts, printJson } from "../../output.js";

/** `keyreeve client revoke NAME --tenant TENANT` */
export function clientRevokeCommand(): Command {
  return new Command("revoke")
    .description("refuse a client and all its certificates at once, on open connections too")
    .argument("<name>", "name of the client")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option(...jsonOption)
    .action(async (name: string, options: { readonly tenant: string; readonly json?: boolean }, command: Command) => {
      const { tenant, json } = options;
      const client = await withAdministration(command, (administration) =>
        administration.revokeClient({ tenant, name }),
      );
      return json ? printJson(client) : printFacts(clientFacts(client));
    });
}
