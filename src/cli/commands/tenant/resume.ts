import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printTenant } from "../../tenant-output.js";

/** `keyreeve tenant resume NAME` */
export function tenantResumeCommand(): Command {
  return new Command("resume")
    .description("serve a suspended tenant again")
    .argument("<name>", "name of the tenant")
    .option(...jsonOption)
    .action(async (name: string, { json }: { readonly json?: boolean }, command: Command) => {
      const tenant = await withAdministration(command, (administration) => administration.resumeTenant(name));
      await printTenant(tenant, json);
    });
}
