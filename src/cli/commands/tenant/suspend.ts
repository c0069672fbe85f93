import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printTenant } from "../../tenant-output.js";

/** `keyreeve tenant suspend NAME` */
export function tenantSuspendCommand(): Command {
  return new Command("suspend")
    .description("refuse all requests of a tenant's clients at once, on open connections too")
    .argument("<name>", "name of the tenant")
    .option(...jsonOption)
    .action(async (name: string, { json }: { readonly json?: boolean }, command: Command) => {
      const tenant = await withAdministration(command, (administration) => administration.suspendTenant(name));
      await printTenant(tenant, json);
    });
}
