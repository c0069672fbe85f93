import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { jsonOption, printJson, printTable } from "../../../output.js";

/** `keyreeve client credential list CLIENT --tenant TENANT` */
export function credentialListCommand(): Command {
  return new Command("list")
    .description("list the credentials of a client")
    .argument("<client>", "name of the client")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option(...jsonOption)
    .action(async (client: string, options: { readonly tenant: string; readonly json?: boolean }, command: Command) => {
      const { tenant, json } = options;
      const list = await withAdministration(command, (administration) =>
        administration.listCredentials({ tenant, client }),
      );
      if (json) return printJson(list);
      const rows = list.map(({ username, kind, createdAt }) => [username, kind, createdAt]);
      return printTable(["USERNAME", "KIND", "CREATED"], rows, "The client has no credentials.");
    });
}
