import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { printDestination } from "../../../destination-output.js";
import { jsonOption } from "../../../output.js";

/** `keyreeve tenant destination remove NAME --tenant TENANT` */
export function destinationRemoveCommand(): Command {
  return new Command("remove")
    .description("remove a destination with all that waits for it")
    .argument("<name>", "name of the destination")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option(...jsonOption)
    .action(async (name: string, options: { readonly tenant: string; readonly json?: boolean }, command: Command) => {
      const { tenant, json } = options;
      const removed = await withAdministration(command, (administration) =>
        administration.removeDestination({ tenant, name }),
      );
      await printDestination(removed, json);
    });
}
