import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { jsonOption } from "../../../output.js";
import { printTrust } from "../../../trust-output.js";

/** `keyreeve tenant trust remove NAME --tenant TENANT` */
export function trustRemoveCommand(): Command {
  return new Command("remove")
    .description("trust an authority no more: its clients are refused at once, on open connections too")
    .argument("<name>", "name of the authority")
    .requiredOption("--tenant <tenant>", "the tenant")
    .option(...jsonOption)
    .action(async (name: string, options: { readonly tenant: string; readonly json?: boolean }, command: Command) => {
      const { tenant, json } = options;
      const trust = await withAdministration(command, ({ firstContact }) => firstContact.removeTrust({ tenant, name }));
      await printTrust(trust, json);
    });
}
