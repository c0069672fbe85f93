import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printTenant } from "../../tenant-output.js";

/** `keyreeve tenant show NAME` */
export function tenantShowCommand(): Command {
  return new Command("show")
    .description("show one tenant")
    .argument("<name>", "name of the tenant")
    .option(...jsonOption)
    .action(async (name: string, { json }: { readonly json?: boolean }, command: Command) => {
      const tenant = await withAdministration(command, (administration) => administration.showTenant(name));
      await printTenant(tenant, json);
    });
}
