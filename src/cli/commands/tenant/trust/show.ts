import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { jsonOption } from "../../../output.js";
import { printTrust } from "../../../trust-output.js";

/** `keyreeve tenant trust show NAME --tenant TENANT` */
export function trustShowCommand(): Command {
  return new Command("show")
    .description("show an authority that a tenant trusts, with its rules and revocation lists")
    .argument("<name>", "name of the authority")
    .requiredOption("--tenant <tenant>", "the tenant")
    .option(...jsonOption)
    .action(async (name: string, options: { readonly tenant: string; readonly json?: boolean }, command: Command) => {
      const { tenant, json } = options;
      const trust = await withAdministration(command, ({ firstContact }) => firstContact.showTrust({ tenant, name }));
      await printTrust(trust, json);
    });
}
